package organisation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

var now = time.Date(2026, 11, 25, 14, 3, 0, 0, time.UTC)

func TestASlugIsShortLowerCaseAndReadable(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"ab", "kereru", "kereru-holdings", "a1", strings.Repeat("a", 40)} {
		if _, err := organisation.New("id", slug, "Name", "o@example.nz", now); err != nil {
			t.Errorf("%q is refused: %v", slug, err)
		}
	}
	for _, slug := range []string{"", "a", "1a", "-ab", "ab-", "a--b", "Ab", "a_b", "ä1", "a b", "a.b", strings.Repeat("a", 41), "ab\n"} {
		_, err := organisation.New("id", slug, "Name", "o@example.nz", now)
		if !errors.Is(err, fault.Invalid) || fault.Of(err).Path != "slug" {
			t.Errorf("%q gives %v, expected Invalid at slug", slug, err)
		}
	}
}

func TestANameIsOneLineOfUpToAHundredCharacters(t *testing.T) {
	t.Parallel()
	o, err := organisation.New("id", "kereru", "  Kererū Holdings  ", "o@example.nz", now)
	if err != nil || o.Snapshot().Name != "Kererū Holdings" {
		t.Errorf("got %v, %v", o, err)
	}
	for _, name := range []string{"", "   ", strings.Repeat("ū", 101), "two\nlines", "a\x00b", "a\u2028b", "\xff"} {
		_, err := organisation.New("id", "kereru", name, "o@example.nz", now)
		if !errors.Is(err, fault.Invalid) || fault.Of(err).Path != "name" {
			t.Errorf("%q gives %v, expected Invalid at name", name, err)
		}
	}
}

func TestSuspendAndResumeMayBeRepeated(t *testing.T) {
	t.Parallel()
	o, err := organisation.New("id", "kereru", "Kererū", "o@example.nz", now)
	if err != nil || !o.Active() {
		t.Fatalf("a new organisation is not active: %v", err)
	}
	o.Suspend()
	o.Suspend()
	if o.Active() {
		t.Error("it is still active")
	}
	o.Resume()
	o.Resume()
	if !o.Active() {
		t.Error("it is not active again")
	}
}

func TestASnapshotIsTheWholeOrganisation(t *testing.T) {
	t.Parallel()
	o, err := organisation.New("id", "kereru", "Kererū", "o@example.nz", now)
	if err != nil {
		t.Fatal(err)
	}
	o.Suspend()
	if got := organisation.Restore(o.Snapshot()).Snapshot(); got != o.Snapshot() {
		t.Errorf("restored %+v of %+v", got, o.Snapshot())
	}
}
