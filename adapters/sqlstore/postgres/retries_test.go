package postgres_test

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/sqlstore/postgres"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

func TestUnitsThatLockEachOtherOutBothSucceed(t *testing.T) {
	t.Parallel()
	store := open(t)
	ada, bob := person(t, "ada"), person(t, "bob")
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		require.NoError(t, tx.Users().Add(ctx, ada))
		return tx.Users().Add(ctx, bob)
	}))
	var met, both sync.WaitGroup
	met.Add(2)
	var runs [2]int
	for i, order := range [][2]directory.ID{{ada.ID(), bob.ID()}, {bob.ID(), ada.ID()}} {
		both.Go(func() {
			assert.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
				runs[i]++
				if _, err := tx.Users().Get(ctx, order[0]); err != nil {
					return err
				}
				if runs[i] == 1 { // each holds one now, and wants the other's
					met.Done()
					met.Wait()
				}
				_, err := tx.Users().Get(ctx, order[1])
				return err
			}))
		})
	}
	both.Wait()
	assert.GreaterOrEqual(t, runs[0]+runs[1], 3, "one was taken back, and begun again")
}

func TestAUnitThatFailsToSerialiseIsBegunAgain(t *testing.T) {
	t.Parallel()
	database := servertest.Postgres(t)
	store, super := openAt(t, database.App, postgres.Options{}), connect(t, database.Superuser)
	// A sequence does not go back with its transaction.
	execute(t, super, `CREATE SEQUENCE tries`, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
		BEGIN
			IF nextval('tries') < 3 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;
			RETURN NEW;
		END $$`, `CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()`)
	ada, runs := person(t, "ada"), 0
	require.NoError(t, store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
		runs++
		return tx.Users().Add(ctx, ada)
	}))
	assert.Equal(t, 3, runs)
	assert.Equal(t, 1, mentions(t, super, acme)["users"])
}

// cut gives the URL of a way to Postgres that breaks when a COMMIT goes by: behind it if heard, before it if not. Nobody
// gets an answer to it.
func cut(t *testing.T, to string, heard bool) string {
	t.Helper()
	at, err := url.Parse(to)
	require.NoError(t, err)
	address := at.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	at.Host = listener.Addr().String()
	at.RawQuery = url.Values{"sslmode": {"disable"}, "default_query_exec_mode": {"describe_exec"}}.Encode()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", address)
			if err != nil {
				_ = client.Close()
				return
			}
			go copyEach(client, server, func([]byte) {})
			go copyEach(server, client, func(sent []byte) {
				if isCommit(sent) {
					_ = client.Close()
					if !heard {
						_ = server.Close()
					}
				}
			})
		}
	}()
	return at.String()
}

// isCommit tells of a COMMIT that is to be run: its text comes before, to be looked at, in a flight of its own.
func isCommit(sent []byte) bool {
	return bytes.Contains(sent, []byte("COMMIT\x00")) && bytes.Contains(sent, []byte("E\x00\x00\x00\x09\x00\x00\x00\x00\x00"))
}

func TestAUnitWhoseCommitIsNotAnsweredIsUnavailableAndNotDoneTwice(t *testing.T) {
	t.Parallel()
	for _, heard := range []bool{true, false} {
		database := servertest.Postgres(t)
		store, super := openAt(t, cut(t, database.App, heard), postgres.Options{}), connect(t, database.Superuser)
		ada, runs := person(t, "ada"), 0
		err := store.Within(t.Context(), acme, func(ctx context.Context, tx ports.Tx) error {
			runs++
			return tx.Users().Add(ctx, ada)
		})
		require.ErrorIs(t, err, fault.Unavailable)
		assert.Equal(t, 1, runs, "who asked must find out what became of it")
		if heard {
			assert.Eventually(t, func() bool { return mentions(t, super, acme)["users"] == 1 }, 5e9, 1e7, "the server did commit")
		} else {
			assert.Zero(t, mentions(t, super, acme)["users"])
		}
	}
}
