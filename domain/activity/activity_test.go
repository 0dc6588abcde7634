package activity_test

import (
	"reflect"
	"testing"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/tree"
)

func object(t *testing.T, text string) *tree.Object {
	t.Helper()
	v, err := tree.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v.(*tree.Object)
}

func TestADifferenceNamesEachAttributeWithBothValues(t *testing.T) {
	t.Parallel()
	before := object(t, `{"userName":"a","name":{"givenName":"Mia","familyName":"Chen"},"title":"Clerk","emails":[{"value":"x"}],"urn:x:1.0:User":{"department":"Law"}}`)
	after := object(t, `{"userName":"a","name":{"familyName":"Roy","givenName":"Mia"},"active":false,"emails":[{"value":"y"}],"urn:x:1.0:User":{"department":"Tax"}}`)
	want := []activity.Change{
		{Path: "name.familyName", From: "Chen", To: "Roy"},
		{Path: "title", From: "Clerk", To: nil},
		{Path: "emails", From: before.Get("emails"), To: after.Get("emails")},
		{Path: "urn:x:1.0:User:department", From: "Law", To: "Tax"},
		{Path: "active", From: nil, To: false},
	}
	if got := activity.Diff(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestWhatIsNewOrGoneDiffersInEachOfItsAttributes(t *testing.T) {
	t.Parallel()
	o := object(t, `{"userName":"a","name":{"givenName":"Mia"}}`)
	born, gone := activity.Diff(nil, o), activity.Diff(o, nil)
	if len(born) != 2 || born[1] != (activity.Change{Path: "name.givenName", To: "Mia"}) {
		t.Errorf("born: %v", born)
	}
	if len(gone) != 2 || gone[0] != (activity.Change{Path: "userName", From: "a"}) {
		t.Errorf("gone: %v", gone)
	}
	if same := activity.Diff(o, o.Clone()); same != nil {
		t.Errorf("the same differs: %v", same)
	}
}
