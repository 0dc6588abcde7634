package directory_test

import (
	"errors"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

var (
	monday    = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday   = monday.AddDate(0, 0, 1)
	users     = schema.Core().Type("User")
	groups    = schema.Core().Type("Group")
	someID    = directory.ID("0194d2f0-7e3a-7c1b-8a4d-3f1e2d4c5b6a")
	coreUser  = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]`
	coreGroup = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]`
)

func object(t *testing.T, text string) *tree.Object {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*tree.Object)
}

func operations(t *testing.T, text string) []patch.Operation {
	t.Helper()
	ops, err := patch.Read(object(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+text+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

func newUser(t *testing.T) *directory.User {
	t.Helper()
	u, _, err := directory.NewUser(users, someID, object(t, `{`+coreUser+`,"userName":"mia@kereru.nz","active":true,"name":{"givenName":"Mia"}}`), monday)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAUserWithoutANameCannotBe(t *testing.T) {
	t.Parallel()
	for _, input := range []string{`{` + coreUser + `}`, `{` + coreUser + `,"userName":""}`, `{` + coreUser + `,"userName":"  "}`, `{` + coreUser + `,"userName":null}`} {
		_, _, err := directory.NewUser(users, someID, object(t, input), monday)
		if !errors.Is(err, fault.Invalid) || fault.Of(err).Path != "userName" {
			t.Errorf("%s gives %v, expected Invalid at userName", input, err)
		}
	}
	u := newUser(t)
	before := u.Attributes()
	if _, err := u.Patch(users, operations(t, `{"op":"replace","path":"active","value":false},{"op":"remove","path":"userName"}`), tuesday); err == nil {
		t.Error("a PATCH took the user name away")
	}
	if u.Changed() && u.Version() != 1 || !tree.Equal(before, u.Attributes()) {
		t.Error("a PATCH that failed changed the user")
	}
}

func TestANewUserIsVersionOneAndBeginsWithItsSchemas(t *testing.T) {
	t.Parallel()
	u, ignored, err := directory.NewUser(users, someID, object(t, `{`+coreUser+`,"userName":"a","costCentre":7,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Law"}}`), monday)
	if err != nil || u.Version() != 1 || !u.Changed() {
		t.Fatalf("got %v, %v", u, err)
	}
	const want = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
		`"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Law"}}`
	if got := string(tree.Append(nil, u.Attributes())); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(ignored) != 1 || ignored[0] != "costCentre" {
		t.Errorf("ignored %q, expected costCentre", ignored)
	}
}

func TestAChangeOfNothingIsNoNewVersion(t *testing.T) {
	t.Parallel()
	u := directory.RestoreUser(newUser(t).Snapshot())
	if _, err := u.Patch(users, operations(t, `{"op":"Replace","path":"active","value":"True"}`), tuesday); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Replace(users, object(t, `{"name":{"givenName":"Mia"},"active":true,"userName":"mia@kereru.nz",`+coreUser+`}`), tuesday); err != nil {
		t.Fatal(err)
	}
	if s := u.Snapshot(); u.Changed() || s.Version != 1 || !s.Modified.Equal(monday) {
		t.Errorf("it is version %d of %v", s.Version, s.Modified)
	}
}

func TestSeveralChangesBeforeASaveAreOneVersion(t *testing.T) {
	t.Parallel()
	u := directory.RestoreUser(newUser(t).Snapshot())
	for _, value := range []string{`"a"`, `"b"`, `"c"`} {
		if _, err := u.Patch(users, operations(t, `{"op":"Replace","path":"title","value":`+value+`}`), tuesday); err != nil {
			t.Fatal(err)
		}
	}
	s := u.Snapshot()
	if s.Stored != 1 || s.Version != 2 || !s.Modified.Equal(tuesday) || !s.Created.Equal(monday) || s.Search == nil {
		t.Errorf("got %+v", s)
	}
}

func TestAGroupsMembersAreNotAmongItsAttributes(t *testing.T) {
	t.Parallel()
	input := object(t, `{`+coreGroup+`,"displayName":"Finance","members":[{"value":"x"}]}`)
	g, _, err := directory.NewGroup(groups, someID, input, monday)
	if err != nil || g.Attributes().Has("members") {
		t.Errorf("got %v, %v", g, err)
	}
	if !input.Has("members") {
		t.Error("what the client sent was changed")
	}
	g = directory.RestoreGroup(g.Snapshot())
	g.MembersChanged(tuesday)
	if !g.Changed() || g.Version() != 2 {
		t.Errorf("it is version %d after its members changed", g.Version())
	}
}

func TestOnlyALowerCaseUUIDIsAnID(t *testing.T) {
	t.Parallel()
	if id, err := directory.ParseID(string(someID)); err != nil || id != someID {
		t.Errorf("got %q, %v", id, err)
	}
	for _, text := range []string{"", "1", "0194D2F0-7E3A-7C1B-8A4D-3F1E2D4C5B6A", "0194d2f07e3a7c1b8a4d3f1e2d4c5b6a", string(someID) + "\n", string(someID) + "x", "{" + string(someID) + "}", "../Users"} {
		if _, err := directory.ParseID(text); !errors.Is(err, fault.NotFound) {
			t.Errorf("%q gives %v, expected NotFound", text, err)
		}
	}
}

func TestAnETagIsWeakAndCountsVersions(t *testing.T) {
	t.Parallel()
	if got := (directory.Document{Version: 12}).ETag(); got != `W/"12"` {
		t.Errorf("got %s", got)
	}
}
