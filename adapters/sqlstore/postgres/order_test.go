package postgres_test

import (
	"testing"

	"github.com/extraordinary/provisioning/ports/portstest"
)

func TestMemoryAndPostgresAgreeAboutAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		portstest.Order(t, open(t), seed, 60)
	}
}

func TestPagesBehindOneAnotherLoseNothingInPostgres(t *testing.T) {
	t.Parallel()
	portstest.OrderWhileChanging(t, open(t))
}
