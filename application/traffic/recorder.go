package traffic

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// linger is how long more is waited for before what is there is written: a row costs less in company.
const linger = 250 * time.Millisecond

// Queue bounds: beyond half of it look-ups are dropped, beyond all of it everything.
const (
	mostQueued = 4096
	mostBatch  = 1024
)

// Recorder takes what was served and writes it down afterwards. It never makes a request wait.
type Recorder struct {
	*Service
	queue   chan entry
	mu      sync.Mutex
	dropped map[organisation.ID]int // since the last row of each
	oldest  atomic.Int64            // when the entry that is being written was taken, in microseconds since 1970; 0: none
	refused map[refusal]*traffic.Exchange
	swept   map[organisation.ID]time.Time
}

// entry is a request of one organisation: a SCIM request or one for a token.
type entry struct {
	org   organisation.ID
	scim  *traffic.Raw
	token *Asked
	at    time.Time
}

// Asked is a request for an access token, without what was shown.
type Asked struct {
	ID       string
	At       time.Time
	ClientID string
	KeyID    string // of the secret, if it was right or one of ours by its look
	Shown    Shape
	Scope    string
	Status   int
	Reason   error // why it was refused
	Trace    string
	Theirs   string
}

// Shape is what a shown secret looked like.
type Shape int

// The shapes.
const (
	Absent Shape = iota // none was sent
	Whole               // one of ours by its look
	CutOff              // one of ours that lost or won a character
	Alien               // something else
)

// ShapeOf tells the shape of a secret, and its key id if it is whole.
func ShapeOf(secret string) (Shape, string) {
	keyID, err := credential.ParseSecret(secret)
	switch {
	case err == nil:
		return Whole, keyID
	case secret == "":
		return Absent, ""
	case strings.HasPrefix(strings.TrimSpace(secret), "scs_"):
		return CutOff, ""
	}
	return Alien, ""
}

// refusal is what refused token requests, and those beyond a limit, are gathered by, a minute at a time, so that neither a
// stranger nor a flood can fill the log.
type refusal struct {
	org    organisation.ID
	about  traffic.About
	code   traffic.Code
	minute int64
}

// NewRecorder makes a Recorder, which writes while Run runs.
func NewRecorder(s *Service) *Recorder {
	return &Recorder{Service: s, queue: make(chan entry, mostQueued), dropped: map[organisation.ID]int{}, refused: map[refusal]*traffic.Exchange{}, swept: map[organisation.ID]time.Time{}}
}

// SCIM takes a request that was served.
func (r *Recorder) SCIM(org organisation.ID, raw traffic.Raw) {
	raw.ID = r.newID()
	read := raw.Method == "GET" && raw.Status < 400
	r.take(entry{org: org, scim: &raw, at: raw.At}, read)
}

// Token takes a request for an access token. Whose it is, is what the client identifier claims: nothing is written where
// there is no such organisation.
func (r *Recorder) Token(a Asked) {
	org, err := credential.OrganisationOf(a.ClientID)
	if err != nil {
		return
	}
	a.ID = r.newID()
	r.take(entry{org: org, token: &a, at: a.At}, a.Status >= 400)
}

func (r *Recorder) take(e entry, spare bool) {
	if spare && len(r.queue) > mostQueued/2 {
		r.drop(e.org, 1)
		return
	}
	select {
	case r.queue <- e:
	default:
		r.drop(e.org, 1)
	}
}

// drop counts what is not recorded: the next row of the organisation says so.
func (r *Recorder) drop(org organisation.ID, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.dropped) < mostQueued { // strangers name organisations that are none
		r.dropped[org] += n
	}
}

// takeDropped gives how many of an organisation's were not recorded, and forgets it.
func (r *Recorder) takeDropped(org organisation.ID) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.dropped[org]
	delete(r.dropped, org)
	return n
}

// Waiting is how many wait to be written, and since when the first of them does; zero if none waits.
func (r *Recorder) Waiting(context.Context) (n int, first time.Time, err error) {
	if at := r.oldest.Load(); at != 0 {
		first = time.UnixMicro(at)
	}
	return len(r.queue), first, nil
}

// Run writes what is taken until ctx ends, and then what is still there. complain is told what could not be written.
func (r *Recorder) Run(ctx context.Context, complain func(error)) {
	for {
		select {
		case e := <-r.queue:
			r.oldest.Store(e.at.UnixMicro())
			wait := time.NewTimer(linger)
			select {
			case <-wait.C:
			case <-ctx.Done():
			}
			wait.Stop()
			if err := r.write(context.WithoutCancel(ctx), r.batch(e)); err != nil {
				complain(err)
			}
			r.oldest.Store(0)
		case <-ctx.Done():
			for {
				select {
				case e := <-r.queue:
					if err := r.write(context.WithoutCancel(ctx), r.batch(e)); err != nil {
						complain(err)
						return
					}
				default:
					return
				}
			}
		}
	}
}

// batch gathers what waits behind the first, by organisations.
func (r *Recorder) batch(first entry) map[organisation.ID][]entry {
	all := map[organisation.ID][]entry{first.org: {first}}
	for range mostBatch {
		select {
		case e := <-r.queue:
			all[e.org] = append(all[e.org], e)
		default:
			return all
		}
	}
	return all
}

func (r *Recorder) write(ctx context.Context, batch map[organisation.ID][]entry) error {
	var faults []error
	for org, entries := range batch {
		err := r.writeOne(ctx, org, entries)
		if err != nil && !errors.Is(err, fault.NotFound) { // an organisation that is not there has no log
			r.drop(org, len(entries))
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// writeOne writes the entries of one organisation in one unit of work.
func (r *Recorder) writeOne(ctx context.Context, org organisation.ID, entries []entry) error {
	sweep := r.now().Sub(r.swept[org]) > time.Hour
	err := r.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		if _, err := tx.Organisation().Get(ctx); err != nil {
			return err
		}
		state, err := tx.Traffic().State(ctx)
		if err != nil {
			return err
		}
		var all []traffic.Exchange
		for _, e := range entries {
			x, err := r.exchange(ctx, tx, org, e, &state)
			if err != nil {
				return err
			}
			state.Note(x)
			all = fold(all, x)
		}
		if lost := r.takeDropped(org); lost > 0 {
			all = append(all, traffic.Exchange{ID: r.newID(), At: r.now(), About: traffic.Connection, Act: traffic.Unrecorded, Outcome: traffic.Noted, Count: lost})
		}
		if sweep {
			if _, err := tx.Traffic().Forget(ctx, r.now().Add(-traffic.Kept), "", 1000); err != nil {
				return err
			}
		}
		return errors.Join(tx.Traffic().Add(ctx, distinct(all)), tx.Traffic().SaveState(ctx, state))
	})
	if err == nil && sweep {
		r.swept[org] = r.now()
	}
	return err
}

// fold adds an exchange to others. Look-ups that were answered, one after the other within a minute, are one row.
func fold(all []traffic.Exchange, x traffic.Exchange) []traffic.Exchange {
	if x.Quiet() {
		for i := len(all) - 1; i >= 0; i-- {
			same := &all[i]
			if same.Quiet() && same.Act == x.Act && same.About == x.About && same.ClientID == x.ClientID && same.KeyID == x.KeyID && same.At.Truncate(time.Minute).Equal(x.At.Truncate(time.Minute)) {
				same.Count += x.Count
				if same.Name != x.Name {
					same.Name, same.Subject = "", ""
				}
				return all
			}
		}
	}
	return append(all, x)
}

// distinct keeps the last of those that have the same id: gathered refusals.
func distinct(all []traffic.Exchange) (kept []traffic.Exchange) {
	at := map[string]int{}
	for _, e := range all {
		if i, there := at[e.ID]; there {
			kept[i] = e
			continue
		}
		at[e.ID] = len(kept)
		kept = append(kept, e)
	}
	return kept
}

func (r *Recorder) exchange(ctx context.Context, tx ports.Tx, org organisation.ID, e entry, state *traffic.State) (traffic.Exchange, error) {
	if e.token != nil {
		return r.asked(ctx, tx, org, *e.token)
	}
	x := traffic.Diagnose(*e.scim)
	if x.Code() == traffic.TooMany { // whom it was about does not matter: it comes again
		x.About, x.Subject, x.Name, x.Request, x.Response = traffic.Connection, "", "", "", ""
		return r.gather(org, x), nil
	}
	if x.Outcome == traffic.Refused || x.Outcome == traffic.Failed {
		err := r.name(ctx, tx, &x)
		return x, err
	}
	if x.About == traffic.Person && x.Act == traffic.Deleted {
		// Who is erased here is erased from the log, too.
		if _, err := tx.Traffic().Forget(ctx, time.Time{}, directory.ID(x.Subject), 10_000); err != nil {
			return x, err
		}
		x.Name, x.Request, x.Response = "", "", ""
		return x, nil
	}
	if x.About == traffic.Person && x.Act.Writes() {
		state.People++
		if strings.Contains(strings.ToLower(x.Request), `active`) {
			state.WithActive++
		}
		if strings.Contains(x.Request, "xternal") {
			if err := r.compare(ctx, tx, &x); err != nil {
				return x, err
			}
		}
	}
	if x.Act == traffic.LookedFor && strings.HasPrefix(strings.ToLower(e.scim.Filter), "externalid eq") && x.About == traffic.Person {
		state.ByID = x.At
	}
	err := r.name(ctx, tx, &x)
	return x, err
}

// name finds what somebody is called who was not named.
func (r *Recorder) name(ctx context.Context, tx ports.Tx, x *traffic.Exchange) error {
	if x.Name != "" || x.Subject == "" || x.Quiet() {
		return nil
	}
	read := tx.Users().Document
	if x.About == traffic.Group {
		read = tx.Groups().Document
	}
	d, err := read(ctx, directory.ID(x.Subject))
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		x.Name = traffic.NameOf(d.Body)
	}
	return err
}

// compare adds what an exchange does not say by itself: which Employee ID was there before, and who else has it.
func (r *Recorder) compare(ctx context.Context, tx ports.Tx, x *traffic.Exchange) error {
	events, err := tx.Activity().Of(ctx, activity.Subject{Kind: "User", ID: x.Subject}, 5)
	if err != nil {
		return err
	}
	for _, event := range events {
		if event.Trace != x.Trace || x.Trace == "" {
			continue
		}
		for _, c := range event.Changes {
			from, was := c.From.(string)
			to, is := c.To.(string)
			if c.Path != "externalId" || !is {
				continue
			}
			if was {
				x.Add(traffic.IDChanged, from+" became "+to)
			}
			n, err := count(ctx, tx, "externalId eq "+string(tree.Append(nil, to)))
			if err != nil {
				return err
			}
			if n > 1 {
				x.Add(traffic.IDDouble, to)
			}
		}
	}
	return nil
}

// asked is a request for a token. Refusals of one minute and one kind are one row.
func (r *Recorder) asked(ctx context.Context, tx ports.Tx, org organisation.ID, a Asked) (traffic.Exchange, error) {
	x := traffic.Exchange{
		ID: a.ID, At: a.At, ClientID: a.ClientID, KeyID: a.KeyID, About: traffic.Connection, Act: traffic.Token, Method: "POST", Path: "/oauth2/token",
		Status: a.Status, Outcome: traffic.Done, Trace: a.Trace, Theirs: a.Theirs, Count: 1,
	}
	if a.Status < 400 {
		return x, nil
	}
	x.Outcome = traffic.Refused
	code, detail, err := r.why(ctx, tx, a)
	if err != nil {
		return x, err
	}
	if code == traffic.OurFault {
		x.Outcome = traffic.Failed
	}
	x.Codes, x.Detail = []traffic.Code{code}, detail
	return r.gather(org, x), nil
}

// gather makes one row of all that were refused for the same reason within a minute.
func (r *Recorder) gather(org organisation.ID, x traffic.Exchange) traffic.Exchange {
	key := refusal{org, x.About, x.Code(), x.At.Unix() / 60}
	if same := r.refused[key]; same != nil {
		same.Count++
		return *same
	}
	for k := range r.refused { // those of minutes that are over
		if k.minute < key.minute-1 {
			delete(r.refused, k)
		}
	}
	r.refused[key] = &x
	return x
}

// why says why a token was refused, by what its client is to us.
func (r *Recorder) why(ctx context.Context, tx ports.Tx, a Asked) (traffic.Code, string, error) {
	switch {
	case a.Status >= 500:
		return traffic.OurFault, "", nil
	case a.Status == 429:
		return traffic.TooMany, "", nil
	case errors.Is(a.Reason, fault.Forbidden):
		return traffic.ScopeUnknown, a.Scope, nil
	case a.Status == 400:
		return traffic.ValueRefused, fault.Of(a.Reason).Detail, nil
	}
	c, err := tx.Credentials().Get(ctx, a.ClientID)
	if errors.Is(err, fault.NotFound) {
		return traffic.ClientUnknown, "", nil
	}
	if err != nil {
		return "", "", err
	}
	switch a.Shown {
	case Absent:
		return traffic.SecretNotSent, "", nil
	case CutOff:
		return traffic.SecretCutOff, "", nil
	case Alien:
		return traffic.SecretWrong, "", nil
	case Whole:
	}
	v := c.Snapshot()
	for _, secret := range v.Secrets {
		if secret.KeyID == a.KeyID && !secret.Live(a.At) {
			return traffic.SecretEnded, "“" + v.Name + "”", nil
		}
	}
	if !v.Revoked.IsZero() {
		return traffic.ClientUnknown, "", nil
	}
	return traffic.SecretWrong, "", nil
}
