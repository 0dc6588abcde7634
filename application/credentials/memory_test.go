package credentials_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// memory is as much of a store as these use cases need. Its faults, by the name of a method, take the method's place.
type memory struct {
	mu     sync.Mutex
	rooms  map[organisation.ID]room
	tokens map[credential.Digest]credential.Token
	ended  map[string]bool // clients that get no token any more
	faults map[string]error
	reads  []string // what was read of the store, in order
	before map[string]func()
}

type room struct {
	organisation organisation.Snapshot
	credentials  map[string]credential.Snapshot
	events       []activity.Event
}

func newMemory(orgs ...*organisation.Organisation) *memory {
	m := &memory{
		rooms: map[organisation.ID]room{}, tokens: map[credential.Digest]credential.Token{},
		ended: map[string]bool{}, faults: map[string]error{}, before: map[string]func(){},
	}
	for _, o := range orgs {
		m.rooms[o.ID()] = room{organisation: o.Snapshot(), credentials: map[string]credential.Snapshot{}}
	}
	return m
}

func (m *memory) fault(method string) error {
	if hook := m.before[method]; hook != nil {
		delete(m.before, method)
		hook()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads = append(m.reads, method)
	return m.faults[method]
}

// Within runs fn twice, and the first time throws away what it did: fn must bear that.
func (m *memory) Within(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if err := m.fault("Within"); err != nil {
		return err
	}
	_ = m.run(ctx, org, fn, false)
	return m.run(ctx, org, fn, true)
}

func (m *memory) View(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error) error {
	if err := m.fault("View"); err != nil {
		return err
	}
	return m.run(ctx, org, fn, false)
}

func (m *memory) run(ctx context.Context, org organisation.ID, fn func(context.Context, ports.Tx) error, keep bool) error {
	m.mu.Lock()
	r, exists := m.rooms[org]
	r.credentials, r.events = maps.Clone(r.credentials), slices.Clone(r.events)
	m.mu.Unlock()
	if err := fn(ctx, &unit{m: m, r: &r}); err != nil {
		return err
	}
	if keep && exists {
		m.mu.Lock()
		m.rooms[org] = r
		m.mu.Unlock()
	}
	return nil
}

type unit struct {
	m               *memory
	r               *room
	ports.Directory // these use cases ask for nothing of them
	ports.Portal
}

func (u *unit) Organisation() ports.Organisation { return record{u} }
func (u *unit) Credentials() ports.Credentials   { return rows{u} }
func (u *unit) Activity() ports.Activity         { return journal{u} }

type record struct{ *unit }

func (u record) Get(context.Context) (*organisation.Organisation, error) {
	if err := u.m.fault("Organisation.Get"); err != nil {
		return nil, err
	}
	return organisation.Restore(u.r.organisation), nil
}
func (u record) Add(context.Context, *organisation.Organisation) error  { return nil }
func (u record) Save(context.Context, *organisation.Organisation) error { return nil }
func (u record) Empty(context.Context, int) (map[string]int, error)     { return nil, nil }
func (u record) Remove(context.Context) (map[string]int, error)         { return nil, nil }

type rows struct{ *unit }

func (u rows) Get(_ context.Context, clientID string) (*credential.ClientCredential, error) {
	if err := u.m.fault("Credentials.Get"); err != nil {
		return nil, err
	}
	s, ok := u.r.credentials[clientID]
	if !ok {
		return nil, fault.New(fault.NotFound, "no credential has this client id")
	}
	return credential.Restore(s), nil
}

func (u rows) All(context.Context) (all []*credential.ClientCredential, err error) {
	for _, id := range slices.Sorted(maps.Keys(u.r.credentials)) {
		all = append(all, credential.Restore(u.r.credentials[id]))
	}
	return all, nil
}

func (u rows) Add(_ context.Context, c *credential.ClientCredential) error {
	s := c.Snapshot()
	u.r.credentials[s.ClientID] = s
	return u.m.fault("Credentials.Add")
}

func (u rows) Save(_ context.Context, c *credential.ClientCredential) error {
	s := c.Snapshot()
	u.r.credentials[s.ClientID] = s
	return u.m.fault("Credentials.Save")
}

func (u rows) Used(_ context.Context, clientID, keyID string, now time.Time) error {
	s := u.r.credentials[clientID]
	s.Secrets = slices.Clone(s.Secrets)
	for i := range s.Secrets {
		if s.Secrets[i].KeyID == keyID {
			s.Secrets[i].LastUsed = now
		}
	}
	u.r.credentials[clientID] = s
	return u.m.fault("Credentials.Used")
}

type journal struct{ *unit }

func (u journal) Record(_ context.Context, e activity.Event) error {
	u.r.events = append(u.r.events, e)
	return u.m.fault("Activity.Record")
}

func (u journal) Of(_ context.Context, subject activity.Subject, limit int) (found []activity.Event, err error) {
	for _, e := range slices.Backward(u.r.events) {
		if e.Subject == subject && len(found) < limit {
			found = append(found, e)
		}
	}
	return found, nil
}
func (u journal) All(context.Context, func(activity.Event) error) error { return nil }

func (u journal) Page(context.Context, ports.ActivityQuery) (ports.ActivityPage, error) {
	return ports.ActivityPage{}, nil
}

func (m *memory) Put(_ context.Context, d credential.Digest, t credential.Token) error {
	if err := m.fault("Tokens.Put"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended[t.ClientID] {
		return fault.New(fault.Unauthorised, "ended")
	}
	m.tokens[d] = t
	return nil
}

func (m *memory) Get(_ context.Context, d credential.Digest, now time.Time) (credential.Token, error) {
	if err := m.fault("Tokens.Get"); err != nil {
		return credential.Token{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tokens[d]
	if !ok || !now.Before(t.Expires) {
		return credential.Token{}, fault.New(fault.NotFound, "no such token")
	}
	return t, nil
}

func (m *memory) Revoke(_ context.Context, d credential.Digest) error {
	if err := m.fault("Tokens.Revoke"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.tokens, d)
	return nil
}

func (m *memory) RevokeAll(_ context.Context, _ organisation.ID, clientID string) error {
	if err := m.fault("Tokens.RevokeAll"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended[clientID] = true
	maps.DeleteFunc(m.tokens, func(_ credential.Digest, t credential.Token) bool { return t.ClientID == clientID })
	return nil
}

func (m *memory) RevokeSecret(_ context.Context, _ organisation.ID, clientID, keyID string) error {
	if err := m.fault("Tokens.RevokeSecret"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.tokens, func(_ credential.Digest, t credential.Token) bool { return t.ClientID == clientID && t.KeyID == keyID })
	return nil
}

func (m *memory) Block(context.Context, organisation.ID) error   { return nil }
func (m *memory) Unblock(context.Context, organisation.ID) error { return nil }
func (m *memory) Forget(context.Context, organisation.ID) error  { return nil }

func (m *memory) SetSchemas(context.Context, organisation.ID, int) error { return nil }

func (m *memory) SetPaused(context.Context, organisation.ID, bool) error { return nil }

func (m *memory) SetRateLimit(context.Context, organisation.ID, organisation.RateLimit) error {
	return nil
}
