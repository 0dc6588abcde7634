package sqlite_test

import (
	"testing"

	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/ports/portstest"
)

func TestMemoryAndSQLiteAgreeAboutAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		portstest.Order(t, open(t, sqlite.Options{}), seed, 150)
	}
}

func TestPagesBehindOneAnotherLoseNothingInSQLite(t *testing.T) {
	t.Parallel()
	portstest.OrderWhileChanging(t, open(t, sqlite.Options{}))
}
