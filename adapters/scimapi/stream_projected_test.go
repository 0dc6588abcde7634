package scimapi_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/extraordinary/provisioning/ports"
)

// TestMembersGoOutAsTheyAreReadWhateverIsWantedOfThem holds that no list of members is in memory as a whole: the first of
// them have been sent when reading one of the last fails.
func TestMembersGoOutAsTheyAreReadWhateverIsWantedOfThem(t *testing.T) {
	t.Parallel()
	s := newServerOn(t, embedded, func(store ports.Store) ports.Store { return breaking{store, 5000} })
	who := s.newTenant(t)
	group := createGroup(t, who, "Large")
	for _, query := range []string{"", "?attributes=members", "?attributes=members.value", "?excludedAttributes=displayName", "?excludedAttributes=members.display"} {
		heard, err := who.send(http.MethodGet, group+query, nil, nil)
		if !errors.Is(err, io.ErrUnexpectedEOF) || heard.status != http.StatusOK {
			t.Errorf("%q was held back: %d (%v)", query, heard.status, err)
		}
	}
	heard, err := who.send(http.MethodGet, group+"?attributes=displayName", nil, nil)
	must(t, err)
	if heard.status != http.StatusOK {
		t.Errorf("members that nobody wants were read: %d %s", heard.status, heard.body)
	}
}
