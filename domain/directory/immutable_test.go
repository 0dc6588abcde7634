package directory_test

import (
	"errors"
	"testing"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
)

// badges is a user with an extension that has immutable attributes, which RFC 7643's own users do not.
func badges(t *testing.T) *schema.ResourceType {
	t.Helper()
	s, err := schema.ReadSchema(object(t, `{"id":"urn:example:badge","name":"Badge","attributes":[
		{"name":"code","mutability":"immutable"},
		{"name":"colour"},
		{"name":"first","type":"complex","subAttributes":[{"name":"at","mutability":"immutable"},{"name":"note"}]},
		{"name":"keys","type":"complex","multiValued":true,"subAttributes":[{"name":"value"},{"name":"door","mutability":"immutable"},{"name":"note"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	all, err := schema.Core().With(schema.Extension{Of: "User", Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	return all.Type("User")
}

// TestAReplacementKeepsWhatIsImmutable holds RFC 7644 §3.5.1: a value that is there already must be sent as it is, and one
// that is not sent stays.
func TestAReplacementKeepsWhatIsImmutable(t *testing.T) {
	t.Parallel()
	kind := badges(t)
	const before = `{"code":"A7","colour":"red","first":{"at":"north","note":"n"}}`
	for badge, want := range map[string]string{
		`{"code":"a7","colour":"blue","first":{"at":"north"}}`: `{"code":"a7","colour":"blue","first":{"at":"north"}}`, // no case counts
		`{"colour":"blue"}`:                `{"colour":"blue","code":"A7","first":{"at":"north"}}`,
		`{}`:                               `{"code":"A7","first":{"at":"north"}}`,
		`{"first":{"note":"m"}}`:           `{"first":{"note":"m","at":"north"},"code":"A7"}`,
		`{"code":"B1"}`:                    "urn:example:badge:code",
		`{"code":"A7","first":{"at":"x"}}`: "urn:example:badge:first.at",
	} {
		u, _, err := directory.NewUser(kind, someID, object(t, `{"userName":"mia","urn:example:badge":`+before+`}`), monday)
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Replace(kind, object(t, `{"userName":"mia","urn:example:badge":`+badge+`}`), monday)
		if want[0] != '{' {
			if f := fault.Of(err); !errors.Is(err, fault.Mutability) || f.Path != want {
				t.Errorf("%s: %v", badge, err)
			}
			want = before
		} else if err != nil {
			t.Errorf("%s: %v", badge, err)
		}
		if got := u.Attributes().Get("urn:example:badge"); !tree.Equal(got, object(t, want)) {
			t.Errorf("%s: %s", badge, tree.Append(nil, got))
		}
	}
}

func TestWhatIsImmutableMayBeGivenAValueLater(t *testing.T) {
	t.Parallel()
	kind := badges(t)
	u, _, err := directory.NewUser(kind, someID, object(t, `{"userName":"mia"}`), monday)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Replace(kind, object(t, `{"userName":"mia","urn:example:badge":{"code":"A7"}}`), monday); err != nil {
		t.Error(err)
	}
	if got := u.Attributes().Get("urn:example:badge"); !tree.Equal(got, object(t, `{"code":"A7"}`)) {
		t.Errorf("%s", tree.Append(nil, got))
	}
}

// TestAReplacementKeepsWhatIsImmutableInValuesOfMany holds RFC 7644 §3.5.1 for elements, which are told apart by their
// "value".
func TestAReplacementKeepsWhatIsImmutableInValuesOfMany(t *testing.T) {
	t.Parallel()
	kind := badges(t)
	const before = `[{"value":"k1","door":"north","note":"n"},{"value":"k2","door":"south"},{"value":"k3"}]`
	for keys, want := range map[string]string{
		`[{"value":"K1","door":"NORTH","note":"m"},{"value":"k2","door":"south"}]`: `[{"value":"K1","door":"NORTH","note":"m"},{"value":"k2","door":"south"}]`,
		`[{"value":"k2","note":"m"}]`:                                   `[{"value":"k2","note":"m","door":"south"}]`,
		`[{"value":"k3","door":"west"},{"value":"k4","door":"east"}]`:   `[{"value":"k3","door":"west"},{"value":"k4","door":"east"}]`,
		`[{"door":"west"},{"note":"k2"}]`:                               `[{"door":"west"},{"note":"k2"}]`,
		`[{"value":"k1","door":"south"}]`:                               "urn:example:badge:keys.door",
		`[{"value":"k2","door":"south"},{"value":"k1","door":"south"}]`: "urn:example:badge:keys.door",
	} {
		u, _, err := directory.NewUser(kind, someID, object(t, `{"userName":"mia","urn:example:badge":{"keys":`+before+`}}`), monday)
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Replace(kind, object(t, `{"userName":"mia","urn:example:badge":{"keys":`+keys+`}}`), monday)
		if want[0] != '[' {
			if f := fault.Of(err); !errors.Is(err, fault.Mutability) || f.Path != want {
				t.Errorf("%s: %v", keys, err)
			}
			want = before
		} else if err != nil {
			t.Errorf("%s: %v", keys, err)
		}
		if got := u.Attributes().Get("urn:example:badge"); !tree.Equal(got, object(t, `{"keys":`+want+`}`)) {
			t.Errorf("%s: %s", keys, tree.Append(nil, got))
		}
	}
}
