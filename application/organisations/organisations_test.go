package organisations_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/organisations"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// registry is the use cases over a real store whose halves a test can break.
type registry struct {
	*organisations.Service
	store  *sqlstore.Store
	broken *broken
}

type broken struct {
	ports.Store
	ports.Tokens
	tokens, units, forget error
}

func (b *broken) Within(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if b.units != nil {
		return b.units
	}
	return b.Store.Within(ctx, org, fn)
}

func (b *broken) Block(ctx context.Context, org organisation.ID) error {
	if b.tokens != nil {
		return b.tokens
	}
	return b.Tokens.Block(ctx, org)
}

func (b *broken) Unblock(ctx context.Context, org organisation.ID) error {
	if b.tokens != nil {
		return b.tokens
	}
	return b.Tokens.Unblock(ctx, org)
}

func (b *broken) SetRateLimit(ctx context.Context, org organisation.ID, l organisation.RateLimit) error {
	if b.tokens != nil {
		return b.tokens
	}
	return b.Tokens.SetRateLimit(ctx, org, l)
}

func (b *broken) Forget(ctx context.Context, org organisation.ID) error {
	if b.forget != nil {
		return b.forget
	}
	return b.Tokens.Forget(ctx, org)
}

func open(t *testing.T, link organisations.SignInLink) registry {
	t.Helper()
	now := func() time.Time { return start }
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: now})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, store.Close()) })
	_, err = store.Migrator().Up(t.Context())
	require.NoError(t, err)
	b := &broken{Store: store, Tokens: store.Tokens()}
	ids := 0
	return registry{organisations.New(b, store.Registry(), b, link, now, func() string {
		ids++
		return fmt.Sprintf("0192f3a4-5b6c-7d8e-9fa0-%012x", ids)
	}), store, b}
}

func (r registry) create(t *testing.T, slug string) organisation.ID {
	t.Helper()
	made, err := r.Create(t.Context(), organisations.NewOrganisation{Name: "Acme", Slug: slug, Owner: "ann@example.com"})
	require.NoError(t, err)
	return made.ID
}

// token puts a token of org, and reports whether the store takes it.
func (r registry) takesTokens(t *testing.T, org organisation.ID) bool {
	t.Helper()
	d := credential.Digest{byte(len(org))}
	require.NoError(t, r.broken.Put(t.Context(), d, credential.Token{Organisation: org, Issued: start, Expires: start.Add(time.Hour)}))
	_, err := r.broken.Tokens.Get(t.Context(), d, start)
	require.NoError(t, r.broken.Revoke(t.Context(), d))
	if err != nil {
		require.ErrorIs(t, err, fault.NotFound)
	}
	return err == nil
}

func (r registry) journal(t *testing.T, org organisation.ID) (actions []activity.Action) {
	t.Helper()
	require.NoError(t, r.store.View(t.Context(), org, func(ctx context.Context, tx ports.Tx) error {
		events, err := tx.Activity().Of(ctx, activity.Subject{Kind: "Organisation", ID: string(org)}, 100)
		for _, e := range events {
			assert.Equal(t, activity.Operator, e.Actor.Kind)
			actions = append(actions, e.Action)
		}
		return err
	}))
	return actions
}

func TestAnOrganisationThatWasCreatedIsFoundByItsSlug(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	made, err := r.Create(t.Context(), organisations.NewOrganisation{Name: "  Kererū Holdings ", Slug: "kereru", Owner: " mia.chen@kereru.example "})
	require.NoError(t, err)
	assert.Equal(t, organisations.Created{ID: made.ID, Slug: "kereru", Name: "Kererū Holdings"}, made)
	o, err := r.Find(t.Context(), "kereru")
	require.NoError(t, err)
	assert.Equal(t, organisation.Snapshot{
		ID: made.ID, Slug: "kereru", Name: "Kererū Holdings", Owner: "mia.chen@kereru.example",
		Status: organisation.Active, TokenLife: time.Hour, TimeZone: "UTC", Created: start,
	}, o.Snapshot())
	assert.Equal(t, []activity.Action{activity.Created}, r.journal(t, made.ID))
	_, err = r.Find(t.Context(), "kere")
	require.ErrorIs(t, err, fault.NotFound)
}

func TestTheOwnerGetsALinkIfThereIsAPortal(t *testing.T) {
	t.Parallel()
	r := open(t, func(_ context.Context, org organisation.ID, email string) (string, error) {
		return "https://portal.example/" + string(org) + "/" + email, nil
	})
	made, err := r.Create(t.Context(), organisations.NewOrganisation{Name: "Acme", Slug: "acme", Owner: "ann@example.com"})
	require.NoError(t, err)
	assert.Equal(t, "https://portal.example/"+string(made.ID)+"/ann@example.com", made.SignInURL)
}

func TestWhatIsNoOrganisationIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	for path, n := range map[string]organisations.NewOrganisation{
		"slug":  {Name: "Acme", Slug: "Acme Inc", Owner: "ann@example.com"},
		"name":  {Name: " ", Slug: "acme", Owner: "ann@example.com"},
		"owner": {Name: "Acme", Slug: "acme", Owner: "ann"},
	} {
		_, err := r.Create(t.Context(), n)
		require.ErrorIs(t, err, fault.Invalid, path)
		assert.Equal(t, path, fault.Of(err).Path)
	}
	all, err := r.List(t.Context())
	require.NoError(t, err)
	assert.Empty(t, all)
}

func TestAnOwnerIsAnAddressThatMailReaches(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	for i, good := range []string{"ann@example.com", "a.b+c@sub.example.co.nz", "ann@exämple.com", "o'neil@example.com"} {
		_, err := r.Create(t.Context(), organisations.NewOrganisation{Name: "Acme", Slug: fmt.Sprintf("acme-%d", i), Owner: good})
		require.NoError(t, err, good)
	}
	for _, bad := range []string{
		"", "ann", "ann@", "@example.com", "ann@localhost", "ann@example.", "ann@.com", "ann@[127.0.0.1]", "Ann <ann@example.com>",
		"ann@example.com, bob@example.com", "ann @example.com", "ann@exa mple.com", "ann@example.com\nBcc: bob@example.com",
		"a@b@example.com", strings.Repeat("a", 250) + "@example.com",
	} {
		_, err := r.Create(t.Context(), organisations.NewOrganisation{Name: "Acme", Slug: "acme", Owner: bad})
		require.ErrorIs(t, err, fault.Invalid, "%q", bad)
		assert.Contains(t, err.Error(), "no e-mail address")
	}
}

func TestASlugIsTakenOnce(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	r.create(t, "acme")
	_, err := r.Create(t.Context(), organisations.NewOrganisation{Name: "Another", Slug: "acme", Owner: "bob@example.com"})
	require.ErrorIs(t, err, fault.Conflict)
	assert.Equal(t, "slug", fault.Of(err).Path)
}

func TestOrganisationsAreListedBySlug(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	for _, slug := range []string{"zeta", "acme", "mid"} {
		r.create(t, slug)
	}
	all, err := r.List(t.Context())
	require.NoError(t, err)
	var slugs []string
	for _, o := range all {
		slugs = append(slugs, o.Snapshot().Slug)
	}
	assert.Equal(t, []string{"acme", "mid", "zeta"}, slugs)
}

func TestASuspendedOrganisationIsNotServedUntilItIsResumed(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	for range 2 { // twice is as once
		require.NoError(t, r.Suspend(t.Context(), id))
		o, err := r.Find(t.Context(), "acme")
		require.NoError(t, err)
		assert.False(t, o.Active())
		assert.False(t, r.takesTokens(t, id))
	}
	for range 2 {
		require.NoError(t, r.Resume(t.Context(), id))
		o, err := r.Find(t.Context(), "acme")
		require.NoError(t, err)
		assert.True(t, o.Active())
		assert.True(t, r.takesTokens(t, id))
	}
	assert.Equal(t, []activity.Action{activity.Resumed, activity.Suspended, activity.Created}, r.journal(t, id))
}

func TestHalfASuspensionStopsServiceAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	id := r.create(t, "acme")
	r.broken.units = fault.Wrap(fault.Unavailable, errors.New("disk full"))
	require.ErrorIs(t, r.Suspend(t.Context(), id), fault.Unavailable)
	assert.False(t, r.takesTokens(t, id))
	r.broken.units = nil
	require.NoError(t, r.Suspend(t.Context(), id))

	r.broken.tokens = fault.Wrap(fault.Unavailable, errors.New("connection refused"))
	require.ErrorIs(t, r.Resume(t.Context(), id), fault.Unavailable)
	assert.False(t, r.takesTokens(t, id), "half a resumption serves nobody")
	r.broken.tokens = nil
	require.NoError(t, r.Resume(t.Context(), id))
	assert.True(t, r.takesTokens(t, id))
}

func TestSuspendingNobodyIsNotFound(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	require.ErrorIs(t, r.Suspend(t.Context(), "0192f3a4-5b6c-7d8e-9fa0-ffffffffffff"), fault.NotFound)
	require.ErrorIs(t, r.Resume(t.Context(), "0192f3a4-5b6c-7d8e-9fa0-ffffffffffff"), fault.NotFound)
}
