package organisations_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

func numbered(n int) directory.ID {
	return directory.ID(fmt.Sprintf("0192f3a4-5b6c-7d8e-9000-%012x", n))
}

func object(members ...tree.Member) *tree.Object { return tree.NewObject(members...) }

// provision adds as many users, and a group with each of them.
func (r registry) provision(t *testing.T, org organisation.ID, users int) {
	t.Helper()
	types := schema.Core()
	require.NoError(t, r.store.Within(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
		g, _, err := directory.NewGroup(types.Type("Group"), numbered(0), object(tree.Member{Name: "displayName", Value: "Staff & Söhne"}), start)
		require.NoError(t, err)
		require.NoError(t, tx.Groups().Add(ctx, g))
		var ids []directory.ID
		for n := range users {
			u, _, err := directory.NewUser(types.Type("User"), numbered(n+1), object(tree.Member{Name: "userName", Value: fmt.Sprintf("user%d@example.com", n+1)}), start)
			require.NoError(t, err)
			if err := tx.Users().Add(ctx, u); err != nil {
				return err
			}
			ids = append(ids, u.ID())
		}
		for some := range slices.Chunk(ids, 1000) {
			if _, err := tx.Members().Add(ctx, g.ID(), some); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (r registry) export(t *testing.T, org organisation.ID) (lines []string, counts map[string]int) {
	t.Helper()
	var out bytes.Buffer
	counts, err := r.Export(t.Context(), org, &out)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), counts
}

func TestAnExportHoldsEverythingButSecrets(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id, other := r.create(t, "acme"), r.create(t, "other")
	r.provision(t, other, 3)
	r.provision(t, id, 1)
	require.NoError(t, r.Limit(t.Context(), id, 250))
	require.NoError(t, r.store.Within(t.Context(), id, func(ctx context.Context, tx ports.Tx) error {
		return errors.Join(
			tx.Credentials().Add(ctx, credential.Restore(credential.Snapshot{
				ClientID: "c_1", Organisation: id, Name: "Entra", Scopes: []credential.Scope{credential.Read}, Created: start,
				Secrets: []credential.Secret{{KeyID: "aaaaaaaa", Hash: "v1:secret", Created: start, Expires: start.Add(time.Hour)}},
			})),
			tx.Judgements().Put(ctx, employeeid.Judgement{Person: string(numbered(1)), About: employeeid.Missing, Reason: "a contractor", By: "ann", At: start}),
			tx.Activity().Record(ctx, activity.Event{
				ID: "0192f3a4-5b6c-7d8e-9fa0-ffffffffffff", At: start, Actor: activity.Actor{Kind: activity.Client, ID: "c_1"}, Action: activity.Changed,
				Subject: activity.Subject{Kind: "User", ID: string(numbered(1))}, Trace: "0af7651916cd43dd8448eb211c80319c",
				Changes: []activity.Change{{Path: "title", From: nil, To: "<b>"}, {Path: "urn:x:level", From: tree.Number("1.50"), To: tree.List{true}}},
			}),
		)
	}))
	lines, counts := r.export(t, id)
	assert.Equal(t, map[string]int{"Organisation": 1, "ClientCredential": 1, "User": 1, "Group": 1, "Member": 1, "Judgement": 1, "Event": 3}, counts)
	want := []string{
		`{"kind":"Organisation","id":"` + string(id) + `","slug":"acme","name":"Acme","owner":"ann@example.com","status":"active","token_life_seconds":3600,"rate_limit":250,"created_at":"2026-11-25T12:00:00Z"}`,
		`{"kind":"ClientCredential","client_id":"c_1","name":"Entra","scopes":["scim.read"],"created_at":"2026-11-25T12:00:00Z","revoked_at":null,"secrets":[{"key_id":"aaaaaaaa","created_at":"2026-11-25T12:00:00Z","expires_at":"2026-11-25T13:00:00Z","last_used_at":null}]}`,
		`{"kind":"User","id":"0192f3a4-5b6c-7d8e-9000-000000000001","version":1,"created_at":"2026-11-25T12:00:00Z","modified_at":"2026-11-25T12:00:00Z","document":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user1@example.com"}}`,
		`{"kind":"Group","id":"0192f3a4-5b6c-7d8e-9000-000000000000","version":1,"created_at":"2026-11-25T12:00:00Z","modified_at":"2026-11-25T12:00:00Z","document":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff & Söhne"}}`,
		`{"kind":"Member","group":"0192f3a4-5b6c-7d8e-9000-000000000000","id":"0192f3a4-5b6c-7d8e-9000-000000000001","type":"User"}`,
		`{"kind":"Judgement","user":"0192f3a4-5b6c-7d8e-9000-000000000001","about":"id-missing","employee_id":"","reason":"a contractor","by":"ann","at":"2026-11-25T12:00:00Z","until":null}`,
	}
	assert.Equal(t, want, lines[:len(want)])
	assert.Equal(t, `{"kind":"Event","id":"0192f3a4-5b6c-7d8e-9fa0-ffffffffffff","at":"2026-11-25T12:00:00Z","actor":{"kind":"client","id":"c_1"},"action":"changed","subject":{"kind":"User","id":"0192f3a4-5b6c-7d8e-9000-000000000001"},`+
		`"changes":[{"path":"title","from":null,"to":"<b>"},{"path":"urn:x:level","from":1.50,"to":[true]}],"trace":"0af7651916cd43dd8448eb211c80319c","address":""}`, lines[8])
	assert.Equal(t, `{"kind":"End","at":"2026-11-25T12:00:00Z","counts":{"ClientCredential":1,"Event":3,"Group":1,"Judgement":1,"Member":1,"Organisation":1,"User":1}}`, lines[9])
	assert.NotContains(t, strings.Join(lines, ""), "v1:secret")
	again, _ := r.export(t, id)
	assert.Equal(t, lines, again)
}

func TestAnExportHoldsEveryUserOnceHoweverManyPagesTheyFill(t *testing.T) {
	t.Parallel()
	for _, users := range []int{999, 1000, 1001, 2500} {
		r := open(t, nil)
		id := r.create(t, "acme")
		r.provision(t, id, users)
		lines, counts := r.export(t, id)
		assert.Equal(t, users, counts["User"])
		assert.Equal(t, users, counts["Member"])
		for n := range users {
			assert.Contains(t, lines[n+1], fmt.Sprintf(`"userName":"user%d@example.com"`, n+1))
		}
	}
}

// meter tells of the memory that is in use while something is written to it.
type meter struct {
	lines int
	most  uint64
}

func (m *meter) Write(text []byte) (int, error) {
	if m.lines++; m.lines%10_000 == 0 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		m.most = max(m.most, stats.HeapAlloc)
	}
	return len(text), nil
}

func TestAnExportOfManyHoldsFewInMemory(t *testing.T) { // alone, for others would use memory meanwhile
	r := open(t, nil)
	id := r.create(t, "acme")
	r.provision(t, id, 40_000)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var m meter
	_, err := r.Export(t.Context(), id, &m)
	require.NoError(t, err)
	assert.Greater(t, m.lines, 80_000)
	assert.Less(t, int64(m.most)-int64(before.HeapAlloc), int64(4<<20)) // what was written is three times as much
}

func TestAnExportThatCannotBeWrittenFails(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	full := errors.New("no space left on device")
	for after := range 3 {
		_, err := r.Export(t.Context(), id, &filling{after, full})
		require.ErrorIs(t, err, full)
	}
	_, err := r.Export(t.Context(), "0192f3a4-5b6c-7d8e-9fa0-ffffffffffff", &bytes.Buffer{})
	require.ErrorIs(t, err, fault.NotFound)
}

// filling is a disk on which a few lines have room.
type filling struct {
	room int
	full error
}

func (f *filling) Write(text []byte) (int, error) {
	if f.room--; f.room < 0 {
		return 0, f.full
	}
	return len(text), nil
}

// twice is a store that runs each view a second time, as if its first had been taken back.
type twice struct{ *broken }

func (s twice) View(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if err := s.broken.Store.View(ctx, org, fn); err != nil {
		return err
	}
	return s.broken.Store.View(ctx, org, fn)
}

func TestAnExportNeverHoldsTwoStates(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	again := organisations.New(twice{r.broken}, r.store.Registry(), r.broken, nil, func() time.Time { return start }, nil)
	_, err := again.Export(t.Context(), id, &bytes.Buffer{})
	require.ErrorIs(t, err, fault.Unavailable)
}
