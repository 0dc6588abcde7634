package signin_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/localstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore"
	"github.com/extraordinary/provisioning/adapters/sqlstore/sqlite"
	"github.com/extraordinary/provisioning/application/signin"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

const (
	kereru organisation.ID = "0190a000-0000-7000-8000-00000000ac3e"
	takahe organisation.ID = "0190a000-0000-7000-8000-0000006c0bec"

	mia      = "mia@kereru.example"
	password = "correct horse battery staple"
)

var firefox = signin.Browser{Name: "Firefox", Address: netip.MustParseAddr("192.0.2.7")}

// passwords are quick, and counted.
type passwords struct{ sums atomic.Int64 }

func (p *passwords) Make(_ context.Context, password string) (string, error) {
	return "made of " + password, nil
}

func (p *passwords) Match(_ context.Context, made, password string) (bool, error) {
	p.sums.Add(1)
	return made == "made of "+password, nil
}

// world is two organisations whose owner is the same person.
type world struct {
	*signin.Service
	t         *testing.T
	store     *sqlstore.Store
	passwords *passwords
	now       time.Time
	ids       int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, passwords: &passwords{}, now: time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	var err error
	w.store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "extraordinary.db"), sqlite.Options{Now: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	_, err = w.store.Migrator().Up(t.Context())
	require.NoError(t, err)
	keys, err := access.NewKeys([][]byte{make([]byte, 32)})
	require.NoError(t, err)
	w.Service = signin.New(signin.Options{
		Store: w.store, Doors: w.store.Doors(), Passwords: w.passwords, Limiter: localstore.NewLimiter(clock), Keys: keys,
		PublicURL: "https://x.example", Random: rand.Reader, Now: clock, NewID: func() string { w.ids++; return fmt.Sprintf("0190c000-0000-7000-8000-%012d", w.ids) },
	})
	for id, slug := range map[organisation.ID]string{kereru: "kereru", takahe: "takahe"} {
		o, err := organisation.New(id, slug, strings.ToUpper(slug), mia, w.now)
		require.NoError(t, err)
		require.NoError(t, w.store.Within(t.Context(), id, func(ctx context.Context, tx ports.Tx) error { return tx.Organisation().Add(ctx, o) }))
	}
	return w
}

// join lets somebody in by the owner's link, and gives the cookie.
func (w *world) join(org organisation.ID, email, password string) (cookie string) {
	w.t.Helper()
	url, err := w.OwnerLink(w.t.Context(), org, email)
	require.NoError(w.t, err)
	o, err := w.UseLink(w.t.Context(), firefox, linkText(url), "Mia Chen", password)
	require.NoError(w.t, err)
	return o.Cookie
}

func linkText(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

func (w *world) visit(cookie string) signin.Visitor {
	w.t.Helper()
	v, err := w.Visit(w.t.Context(), cookie, true)
	require.NoError(w.t, err)
	return v
}

// mails gives what is queued in an organisation, and takes it away.
func (w *world) mails(org organisation.ID) (all []mail.Message) {
	w.t.Helper()
	for {
		var m mail.Message
		err := w.store.Within(w.t.Context(), org, func(ctx context.Context, tx ports.Tx) (err error) {
			if m, err = tx.Outbox().Claim(ctx, w.now, w.now); err != nil {
				return err
			}
			return tx.Outbox().Drop(ctx, m.ID)
		})
		if err != nil {
			return all
		}
		all = append(all, m)
	}
}
