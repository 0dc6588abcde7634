package fault_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/extraordinary/provisioning/domain/fault"
)

func TestAFailureIsFoundByItsKindThroughAnyWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("create user: %w", fault.New(fault.Conflict, "taken").At("userName"))
	if !errors.Is(err, fault.Conflict) || errors.Is(err, fault.NotFound) {
		t.Errorf("%v is not a Conflict alone", err)
	}
	if got := fault.Of(err); got.Path != "userName" || got.Detail != "taken" {
		t.Errorf("got %+v", got)
	}
}

func TestACauseIsFoundAndStaysOutOfTheDetail(t *testing.T) {
	t.Parallel()
	err := fault.Wrap(fault.Unavailable, io.ErrUnexpectedEOF)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, fault.Unavailable) {
		t.Errorf("%v lost its cause or its kind", err)
	}
	if err.Detail != "" {
		t.Errorf("the cause shows in the detail %q", err.Detail)
	}
	if !strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()) {
		t.Errorf("the log would not see the cause: %q", err)
	}
}

func TestAnErrorOfNobodysIsOurOwnFault(t *testing.T) {
	t.Parallel()
	if got := fault.Of(io.EOF); got.Kind != fault.Internal || !errors.Is(got, io.EOF) {
		t.Errorf("got %v", got)
	}
	if got := fault.Of(fmt.Errorf("x: %w", fault.Limited)); got.Kind != fault.Limited {
		t.Errorf("a bare kind became %v", got)
	}
}

func TestNamingThePlaceLeavesTheFirstFailureAsItWas(t *testing.T) {
	t.Parallel()
	first := fault.New(fault.Invalid, "no")
	second := first.At("emails.value")
	if first.Path != "" || second.Path != "emails.value" {
		t.Errorf("paths are %q and %q", first.Path, second.Path)
	}
}
