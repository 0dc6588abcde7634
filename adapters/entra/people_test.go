package entra_test

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/adapters/entra"
)

func TestPeopleAreReadFromAFile(t *testing.T) {
	t.Parallel()
	anna := entra.Person{UserPrincipalName: "anna@contoso.example", GivenName: "Anna", Surname: "O'Brien", Mobile: "+31 6 1234", EmployeeID: "0012"}
	for name, c := range map[string]struct {
		file string
		want []entra.Person
	}{
		"all columns, in another order": {
			"employeeId,userPrincipalName,surname,givenName,mobile,displayName,department,manager,accountEnabled\n" +
				"0012,anna@contoso.example,O'Brien,Anna,+31 6 1234,\"O'Brien, Anna\",R&D,BOSS@contoso.example,FALSE\n",
			[]entra.Person{{
				UserPrincipalName: "anna@contoso.example", GivenName: "Anna", Surname: "O'Brien", Mobile: "+31 6 1234", EmployeeID: "0012",
				DisplayName: "O'Brien, Anna", Department: "R&D", Manager: "BOSS@contoso.example", AccountDisabled: true,
			}},
		},
		"a byte order mark, CRLF, no end of line": {
			"\uFEFFuserPrincipalName,givenName,surname,mobile,employeeId\r\nanna@contoso.example,Anna,O'Brien,+31 6 1234,0012",
			[]entra.Person{anna},
		},
		"the header in another case, with spaces": {
			"USERPRINCIPALNAME, givenname , Surname,mobile,EmployeeID\nanna@contoso.example,Anna,O'Brien,+31 6 1234,0012\n",
			[]entra.Person{anna},
		},
		"names in quotes and over two lines": {
			"userPrincipalName,displayName\n\"anna@contoso.example\",\"a \"\"b\"\"\nc\"\nx@contoso.example,\n",
			[]entra.Person{{UserPrincipalName: "anna@contoso.example", DisplayName: "a \"b\"\nc"}, {UserPrincipalName: "x@contoso.example"}},
		},
		"enabled or not said": {
			"userPrincipalName,accountEnabled\na@x,\nb@x,True\nc@x,0\n",
			[]entra.Person{{UserPrincipalName: "a@x"}, {UserPrincipalName: "b@x"}, {UserPrincipalName: "c@x", AccountDisabled: true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := entra.ReadPeople(strings.NewReader(c.file))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

func TestAFileThatIsWrongIsRefusedByLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"empty":                   {"", "it is empty: the first line must name the columns, among them userPrincipalName"},
		"only a header":           {"userPrincipalName\n", "there is nobody in it: one line for each person follows the header"},
		"an unknown column":       {"userPrincipalName,phone\na@x,1\n", `line 1, column 2: "phone" is not a column: write userPrincipalName, givenName, surname, displayName, mobile, employeeId, department, manager, accountEnabled`},
		"a column twice":          {"mobile,userPrincipalName,Mobile\n", "line 1, column 3: mobile is there twice"},
		"no user principal name":  {"givenName,surname\nA,B\n", "line 1: the column userPrincipalName is missing"},
		"semicolons":              {"userPrincipalName;surname\na@x;B\n", "line 1: columns are separated by commas"},
		"a name that is missing":  {"surname,userPrincipalName\nB,a@x\nC, \n", "line 3, column 2 (userPrincipalName): is empty: each person needs one"},
		"a name that is taken":    {"surname,userPrincipalName\nB,a@x\n\nC,A@X\n", `line 4, column 2 (userPrincipalName): "A@X" is on line 2 already`},
		"a column too few":        {"userPrincipalName,surname\na@x,B\nb@x\n", "line 3: has 1 columns where the header has 2"},
		"a column too many":       {"userPrincipalName,surname\na@x,B,C\n", "line 2: has 3 columns where the header has 2"},
		"enabled perhaps":         {"userPrincipalName,accountEnabled\na@x,perhaps\n", `line 2, column 2 (accountEnabled): is "perhaps": write true or false`},
		"another encoding":        {"userPrincipalName,surname\na@x,Andr\xe9\n", "line 2, column 2 (surname): is not UTF-8: save the file in that encoding"},
		"a quote out of place":    {"userPrincipalName,surname\na@x,B\"C\n", `line 2, character 6: bare " in non-quoted-field`},
		"a quote that stays open": {"userPrincipalName,surname\na@x,\"B\n", `line 2, character 8: extraneous or missing " in quoted-field`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people, err := entra.ReadPeople(strings.NewReader(c.file))
			if err == nil || people != nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, %v\nwant %s", people, err, c.want)
			}
		})
	}
}

// Whatever is accepted can be written and read again, and nobody in it is nameless or there twice.
func FuzzReadPeople(f *testing.F) {
	f.Add([]byte("userPrincipalName,givenName,surname,displayName,mobile,employeeId,department,manager,accountEnabled\na@x,A,B,\"A, B\",+1,007,R&D,b@x,true\nb@x,,,,,,,,false\n"))
	f.Add([]byte("\uFEFFaccountEnabled,userPrincipalName\r\n1,\"a\n@x\"\r\n"))
	f.Add([]byte("userPrincipalName\n\"\"\n"))
	f.Add([]byte("userPrincipalName;mobile\n\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		people, err := entra.ReadPeople(bytes.NewReader(file))
		if err != nil {
			if people != nil {
				t.Fatal("people beside an error")
			}
			return
		}
		var again bytes.Buffer
		w := csv.NewWriter(&again)
		_ = w.Write([]string{"userPrincipalName", "givenName", "surname", "displayName", "mobile", "employeeId", "department", "manager", "accountEnabled"})
		seen := map[string]bool{}
		for _, p := range people {
			key := strings.ToLower(p.UserPrincipalName)
			if strings.TrimSpace(key) == "" || seen[key] {
				t.Fatalf("%q is nameless or there twice", p.UserPrincipalName)
			}
			seen[key] = true
			_ = w.Write([]string{
				p.UserPrincipalName, p.GivenName, p.Surname, p.DisplayName, p.Mobile, p.EmployeeID, p.Department, p.Manager,
				map[bool]string{true: "false", false: "true"}[p.AccountDisabled],
			})
		}
		w.Flush()
		back, err := entra.ReadPeople(&again)
		if err != nil || !reflect.DeepEqual(back, people) {
			t.Fatalf("%+v came back as %+v, %v", people, back, err)
		}
	})
}

func TestInventedPeopleAreTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	people := entra.InventPeople(500, 3)
	if !reflect.DeepEqual(people, entra.InventPeople(500, 3)) {
		t.Error("the same seed invented others")
	}
	names, without, managers := map[string]bool{}, map[string]int{}, map[string]int{}
	for _, p := range append(people, entra.InventPeople(500, 4)...) {
		if names[p.UserPrincipalName] {
			t.Errorf("%s is there twice", p.UserPrincipalName)
		}
		names[p.UserPrincipalName] = true
		for name, value := range map[string]string{"mobile": p.Mobile, "employeeId": p.EmployeeID, "manager": p.Manager, "displayName": p.DisplayName} {
			if value == "" {
				without[name]++
			}
		}
		managers[p.Manager]++
	}
	if without["mobile"] != 112 || without["employeeId"] != 78 || without["manager"] != 2 || without["displayName"] != 0 {
		t.Errorf("without a value: %v", without)
	}
	text := ""
	for _, p := range people {
		text += p.GivenName + p.Surname + "\n"
	}
	for _, sample := range []string{"ā", "'", "’", "王", "김", "e\u0308", "ø", "ı", "Wolfeschlegelsteinhausenbergerdorff"} {
		if !strings.Contains(text, sample) {
			t.Errorf("nobody has %q in the name", sample)
		}
	}
}
