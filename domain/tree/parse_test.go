package tree_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

func parse(t *testing.T, text string) tree.Value {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestParseLosesNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `true`, `false`, `""`, `"Zoë"`, `0`, `-0`, `1.50`, `1E+2`, `12345678901234567890.000`, `[]`, `{}`,
		`[null,true,[[]],{"a":{}}]`, `{"z":1,"a":2,"M":3}`, `{"":""}`,
		`"\"\\\b\f\n\r\t\u0001\u001f\u2028\u2029"`, `"</script>&"`, `"𝄞"`,
		strings.Repeat("[", tree.MaxDepth) + strings.Repeat("]", tree.MaxDepth),
		`"` + strings.Repeat("é", tree.MaxString/2) + `"`,
	} {
		if got := string(tree.Append(nil, parse(t, text))); got != text {
			t.Errorf("%s came back as %s", text, got)
		}
	}
}

func TestParseReadsEveryWayOfWritingAString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"\/\u0041\u00e9\u00E9"`: "/Aéé",
		`"\ud834\uDD1E"`:         "𝄞",
		`"a\nb\\"`:               "a\nb\\",
		"\"\u007f\"":             "\u007f",
		"\ufeff\"bom\"":          "bom",
		" \t\r\n\"space\" \n":    "space",
	} {
		if got := parse(t, text); got != want {
			t.Errorf("%s is read as %q, want %q", text, got, want)
		}
	}
}

func TestParseSaysWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, detail string }{
		{``, `there is nothing to read: a JSON value is expected (byte 1)`},
		{" \n ", `there is nothing to read: a JSON value is expected (byte 4)`},
		{`{"active":false,"ACTIVE":true}`, `the name "ACTIVE" stands twice in one object (byte 17)`},
		{`{"a":1,"a":2}`, `the name "a" stands twice in one object (byte 8)`},
		{`{"a":1,"\u0041":2}`, `the name "A" stands twice in one object (byte 8)`},
		{`{"a" 1}`, `a colon is expected, but '1' is there (byte 6)`},
		{`{a:1}`, `a name in double quotes is expected, but 'a' is there (byte 2)`},
		{`{"a":1,}`, `a name in double quotes is expected, but '}' is there (byte 8)`},
		{`{"a":1`, `a comma or } is expected, but the end is there (byte 7)`},
		{`[1,]`, `a value is expected, but ']' is there (byte 4)`},
		{`[1 2]`, `a comma or ] is expected, but '2' is there (byte 4)`},
		{`{} {}`, `the JSON value has ended, but '{' follows (byte 4)`},
		{`{}` + "\x00", `the JSON value has ended, but '\x00' follows (byte 3)`},
		{`tru`, `a value is expected, but 't' is there (byte 1)`},
		{`NaN`, `a value is expected, but 'N' is there (byte 1)`},
		{"\xff", `a value is expected, but the byte 0xff is there (byte 1)`},
		{"\ufeff\ufeff1", `a value is expected, but '\ufeff' is there (byte 4)`},
		{`01`, `the JSON value has ended, but '1' follows (byte 2)`},
		{`-`, `a digit is expected, but the end is there (byte 2)`},
		{`+1`, `a value is expected, but '+' is there (byte 1)`},
		{`1.`, `a digit is expected after the decimal point, but the end is there (byte 3)`},
		{`.5`, `a value is expected, but '.' is there (byte 1)`},
		{`1e+`, `a digit is expected in the exponent, but the end is there (byte 4)`},
		{strings.Repeat("9", 65), `a number has more than 64 characters (byte 1)`},
		{`"abc`, `the text ends within a string (byte 5)`},
		{`"abc\`, `the text ends within a string (byte 6)`},
		{`"abc\"`, `the text ends within a string (byte 7)`},
		{`"a` + "\n" + `"`, `the control character U+000A must not stand in a string; write it as an escape (byte 3)`},
		{`"a` + "\x00" + `"`, `the control character U+0000 must not stand in a string; write it as an escape (byte 3)`},
		{`"adm\u0000in"`, `U+0000 is not accepted in a string (byte 5)`},
		{`"\x"`, `an escape is expected (\" \\ \/ \b \f \n \r \t \u), but there is another character after \ (byte 2)`},
		{`"\u12g4"`, `four hexadecimal digits are expected after \u (byte 2)`},
		{`"\u+123"`, `four hexadecimal digits are expected after \u (byte 2)`},
		{`"\u12`, `four hexadecimal digits are expected after \u (byte 2)`},
		{`"\ud834"`, `half a surrogate pair stands alone in a string (byte 2)`},
		{`"\ud834\u0041"`, `half a surrogate pair stands alone in a string (byte 2)`},
		{`"\udd1e"`, `half a surrogate pair stands alone in a string (byte 2)`},
		{`"\udd1e\ud834"`, `half a surrogate pair stands alone in a string (byte 2)`},
		{"\"ab\xe9\"", `the byte 0xe9 is not UTF-8 (byte 4)`},
		{"\"\ufffd\xc0\xaf\"", `the byte 0xc0 is not UTF-8 (byte 5)`},
		{"\"\\n\xed\xa0\xb4\"", `the byte 0xed is not UTF-8 (byte 4)`},
		{strings.Repeat("[", 33), `objects and lists are nested deeper than 32 levels (byte 33)`},
		{strings.Repeat(`{"a":`, 33), `objects and lists are nested deeper than 32 levels (byte 161)`},
		{`["` + strings.Repeat("a", tree.MaxString+1) + `"]`, `a string is longer than 8192 bytes (byte 2)`},
		{`{"` + strings.Repeat("a", tree.MaxString+1) + `":1}`, `a string is longer than 8192 bytes (byte 2)`},
		{`"\n` + strings.Repeat("a", tree.MaxString) + `"`, `a string is longer than 8192 bytes (byte 1)`},
		{
			`{"` + strings.Repeat("é", 40) + `":1,"` + strings.Repeat("é", 40) + `":1}`,
			`the name "` + strings.Repeat("é", 32) + `…" stands twice in one object (byte 87)`,
		},
	} {
		v, err := tree.Parse([]byte(c.text))
		if !errors.Is(err, fault.Syntax) || fault.Of(err).Detail != c.detail || v != nil {
			t.Errorf("%.60q: got %v, %v\nwant %s", c.text, v, err, c.detail)
		}
	}
}

func TestALongStringIsMeasuredAfterItsEscapesAreRead(t *testing.T) {
	t.Parallel()
	if _, err := tree.Parse([]byte(`"` + strings.Repeat(`\u0041`, tree.MaxString) + `"`)); err != nil {
		t.Error(err)
	}
}

func TestANameStandsTwiceHoweverManyNamesThereAre(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 15, 16, 17, 18, 1000} {
		var b strings.Builder
		b.WriteString(`{"First":0`)
		for i := range n {
			b.WriteString(`,"name` + strings.Repeat("x", i) + `":0`)
		}
		if _, err := tree.Parse([]byte(b.String() + `}`)); err != nil {
			t.Errorf("%d names: %v", n, err)
		}
		for _, twice := range []string{"fIRST", "NAME" + strings.Repeat("X", n-1)} {
			if _, err := tree.Parse([]byte(b.String() + `,"` + twice + `":0}`)); !errors.Is(err, fault.Syntax) {
				t.Errorf("%d names and %s twice: %v", n, twice, err)
			}
		}
	}
}

func TestAHundredThousandNamesAreReadInNoTime(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 100_000 {
		b.WriteString(`,"` + strconv.Itoa(i) + `":0`)
	}
	if o := parse(t, `{`+b.String()[1:]+`}`).(*tree.Object); o.Len() != 100_000 {
		t.Errorf("%d names are read", o.Len())
	}
}

func TestTheKelvinSignIsNoK(t *testing.T) {
	t.Parallel()
	const kelvin, longS = "\u212a", "\u017f"
	o := parse(t, `{"k":1,"`+kelvin+`":2,"s":3,"`+longS+`":4}`).(*tree.Object)
	if o.Len() != 4 || o.Get("K") != tree.Number("1") || o.Get(kelvin) != tree.Number("2") || o.Get("S") != tree.Number("3") {
		t.Errorf("got %s", tree.Append(nil, o))
	}
}

func TestAppendMakesBrokenBytesReadable(t *testing.T) {
	t.Parallel()
	if got := string(tree.Append(nil, "a\xffb\xc3")); got != `"a`+"\ufffd"+`b`+"\ufffd"+`"` {
		t.Errorf("got %q", got)
	}
}

// FuzzParse holds Parse against encoding/json: whatever Parse takes, the other takes too and reads the same; what
// Parse alone refuses has one of the reasons of stricter.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"zoë","active":"True","n":-1.5e+3}`,
		`[null,true,false,"\ud834\udd1e",{"a":[{}]}]`, `{"a":1,"A":2}`, `"\u0000"`, `"\ud834"`, "\"\xff\"", "\ufeff{}",
		`[1,]`, `{"a"}`, `01`, `1e5`, `"\u2028` + "\u2028" + `"`, strings.Repeat("[", 40),
	} {
		f.Add([]byte(seed))
	}
	for _, example := range exampleBodies(f) {
		f.Add([]byte(example))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := tree.Parse(data)
		theirs := []byte(strings.TrimPrefix(string(data), "\ufeff"))
		if err != nil {
			if !errors.Is(err, fault.Syntax) || fault.Of(err).Detail == "" {
				t.Fatalf("a failure without a reason: %v", err)
			}
			if json.Valid(theirs) && !stricter(theirs) {
				t.Fatalf("refused for no reason of ours: %v", err)
			}
			return
		}
		if !json.Valid(theirs) {
			t.Fatalf("%q is no JSON", data)
		}
		if want := standard(t, theirs); !tree.Equal(v, want) {
			t.Fatalf("read as %s, encoding/json reads %s", tree.Append(nil, v), tree.Append(nil, want))
		}
		written := tree.Append(nil, v)
		again, err := tree.Parse(written)
		if err != nil || !tree.Equal(v, again) || string(tree.Append(nil, again)) != string(written) {
			t.Fatalf("%s came back as %s, %v", written, tree.Append(nil, again), err)
		}
		if !tree.Equal(v, tree.Clone(v)) {
			t.Fatal("a clone is not equal")
		}
	})
}
