package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/export"
	"github.com/extraordinary/provisioning/domain/mail"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// names are what the things of one organisation are called. No two organisations have one in common.
type names struct {
	org         organisation.ID
	word        string // is in every name
	user, group directory.ID
	inner       directory.ID // a group that is a member of group
}

// The foreign organisation's rows come first in every index: whoever takes the first row takes theirs.
var (
	own     = names{globex, "roadrunner", "0190a000-0000-7000-8000-0000000a0001", "0190a000-0000-7000-8000-0000000a0002", "0190a000-0000-7000-8000-0000000a0003"}
	foreign = names{acme, "hammockers", "0190a000-0000-7000-8000-0000000b0001", "0190a000-0000-7000-8000-0000000b0002", "0190a000-0000-7000-8000-0000000b0003"}
	absent  = names{"0190a000-0000-7000-8000-000000171ec4", "nobodyever", "0190a000-0000-7000-8000-0000000c0001", "0190a000-0000-7000-8000-0000000c0002", "0190a000-0000-7000-8000-0000000c0003"}
)

func (n names) named(id directory.ID, version int64) *directory.User {
	attributes := fmt.Sprintf(`{"userName":%[1]q,"externalId":%[1]q,"displayName":%[1]q,"emails":[{"type":"work","value":%[1]q}]}`, n.word)
	return directory.RestoreUser(directory.Snapshot{ID: id, Attributes: parsed(attributes), Version: version, Created: clock(), Modified: clock()})
}

func (n names) fellows(id directory.ID, version int64) *directory.Group {
	attributes := fmt.Sprintf(`{"displayName":%[1]q,"externalId":%[1]q}`, n.word)
	return directory.RestoreGroup(directory.Snapshot{ID: id, Attributes: parsed(attributes), Version: version, Created: clock(), Modified: clock()})
}

func (n names) credential() *credential.ClientCredential {
	return credential.Restore(credential.Snapshot{
		ClientID: n.word, Organisation: n.org, Name: n.word, Scopes: []credential.Scope{credential.Read}, Created: clock(),
		Secrets: []credential.Secret{{KeyID: "key", Hash: n.word, Created: clock(), Expires: clock().Add(time.Hour)}},
	})
}

func (n names) extension() schema.Extension {
	e, err := schema.NewExtension("User", parsed(`{"id":"urn:x:`+n.word+`","name":"X","attributes":[{"name":"a","uniqueness":"server"}]}`))
	if err != nil {
		panic(err)
	}
	return e
}

// person is somebody new who has a value of n's extension, which must be unique.
func (n names) person() (*directory.User, error) {
	all, err := schema.Core().With(n.extension())
	if err != nil {
		return nil, err
	}
	attributes := n.named(n.user, 1).Attributes().Clone()
	attributes.Set("urn:x:"+n.word, parsed(`{"a":"`+n.word+`"}`))
	u, _, err := directory.NewUser(all.Type("User"), n.user, attributes, clock())
	return u, err
}

func (n names) event(id string) activity.Event {
	return activity.Event{ID: id, At: clock(), Action: activity.Changed, Subject: activity.Subject{Kind: "User", ID: string(n.user)}, Trace: n.word}
}

func (n names) record() *organisation.Organisation {
	return organisation.Restore(organisation.Snapshot{
		ID: n.org, Slug: n.word, Name: n.word, Owner: "ann@example.com", Status: organisation.Active, TokenLife: time.Hour, Created: clock(),
	})
}

func (n names) letter() mail.Message {
	return mail.Message{ID: string(n.user), To: n.word, Subject: n.word, Text: n.word, HTML: n.word, Due: clock().Add(time.Duration(n.word[0])*time.Second - time.Hour)} // theirs first
}

func (n names) member() *access.Member {
	return access.Restore(access.Snapshot{ID: n.word, Email: n.word + "@example.com", Name: n.word, Roles: access.Roles, Invited: clock(), Joined: clock()})
}

func (n names) session() access.Session {
	return access.Session{Digest: n.word, MemberID: n.word, Started: clock(), Seen: clock(), Browser: n.word}
}

func (n names) link() access.Link {
	return access.Link{Digest: n.word, MemberID: n.word, Purpose: access.Reset, Expires: clock()}
}

func (n names) exchange() traffic.Exchange {
	return traffic.Exchange{ID: n.word, At: clock(), Subject: n.word, Name: n.word, Codes: []traffic.Code{traffic.Code(n.word)}, Outcome: traffic.Refused, Trace: n.word, Count: 1}
}

func (n names) state() traffic.State { return traffic.State{Refusal: traffic.Code(n.word)} }

func (n names) judgement() employeeid.Judgement {
	return employeeid.Judgement{Person: string(n.user), About: employeeid.Long, ID: n.word, Reason: n.word, By: n.word, At: clock()}
}

func (n names) health() employeeid.Health {
	return employeeid.Health{Problem: employeeid.Problem(n.word), Found: 1, Since: clock()}
}

func (n names) file() export.Job {
	return export.Job{ID: n.word, Kind: export.People, Filter: n.word, State: export.Ready, MadeBy: n.word, Made: clock(), Touched: clock()}
}

// settle gives n's organisation one row at least of every table.
func settle(t *testing.T, store ports.Store, n names) {
	t.Helper()
	require.NoError(t, store.Within(t.Context(), n.org, func(ctx context.Context, tx ports.Tx) error {
		user, err1 := n.person()
		group, _, err2 := directory.NewGroup(schema.Core().Type("Group"), n.group, n.fellows(n.group, 1).Attributes(), clock())
		inner, _, err3 := directory.NewGroup(schema.Core().Type("Group"), n.inner, parsed(`{"displayName":"inner `+n.word+`"}`), clock())
		err := errors.Join(err1, err2, err3, tx.Organisation().Add(ctx, n.record()), tx.Users().Add(ctx, user), tx.Groups().Add(ctx, group), tx.Groups().Add(ctx, inner))
		if err != nil {
			return err
		}
		_, err = tx.Members().Add(ctx, n.group, []directory.ID{n.user, n.inner})
		return errors.Join(err, tx.Credentials().Add(ctx, n.credential()), tx.Extensions().Add(ctx, n.extension()), tx.Outbox().Queue(ctx, n.letter()),
			tx.Traffic().Add(ctx, []traffic.Exchange{n.exchange()}), tx.Traffic().SaveState(ctx, n.state()),
			tx.Staff().Add(ctx, n.member()), tx.Sessions().Put(ctx, n.session()), tx.Links().Put(ctx, n.link()), tx.Health().Put(ctx, n.health()), tx.Judgements().Put(ctx, n.judgement()),
			tx.Exports().Put(ctx, n.file()), tx.Exports().Append(ctx, n.word, 0, n.word), tx.Activity().Record(ctx, n.event("0190b000-0000-7000-8000-"+string(n.user[24:]))))
	}))
}

// call is a use of one method, in a unit of our own, with the names of another organisation. What it answers holds for the
// comparison of such uses; what must be erased, or is not there any more, comes last.
type call struct {
	method string
	do     func(ctx context.Context, tx ports.Tx, n names) (answer any, err error)
}

var calls = []call{
	{"Organisation.Get", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return nil, err
		}
		return o.Snapshot(), nil
	}},
	{"Organisation.Save", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		o, err := tx.Organisation().Get(ctx)
		if err != nil {
			return nil, err
		}
		o.Suspend()
		return nil, tx.Organisation().Save(ctx, o)
	}},
	{"Users.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		u, err := tx.Users().Get(ctx, n.user)
		return u != nil, err
	}},
	{"Users.Document", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Users().Document(ctx, n.user) }},
	{"Users.Save", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		u := n.named(n.user, 1)
		attributes := u.Attributes().Clone()
		attributes.Set("title", "robbed")
		if _, err := u.Replace(schema.Core().Type("User"), attributes, clock()); err != nil {
			return nil, err
		}
		return nil, tx.Users().Save(ctx, u)
	}},
	{"Users.Delete", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Users().Delete(ctx, n.user)
	}},
	{"Users.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		u, err := n.person()
		if err != nil {
			return nil, err
		}
		return nil, errors.Join(tx.Users().Add(ctx, u), tx.Users().Delete(ctx, n.user))
	}},
	{"Users.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return listed(ctx, tx.Users().All) }},
	{"Users.Search", found("User", ``, ports.Query{})},
	{"Users.Search", found("User", ``, ports.Query{Limit: 10})},
	{"Users.Search", found("User", ``, ports.Query{Limit: 10, After: &scim.Position{ID: "0"}})},
	{"Users.Search", found("User", `userName eq "%s"`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `userName eq "%s"`, ports.Query{})},
	{"Users.Search", found("User", `userName ne "x"`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `not (title pr)`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `externalId eq "%s" or displayName sw "%[1]s"`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `emails[type eq "work"].value eq "%s"`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `emails.value co "%s"`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `groups.value eq "`+string(foreign.group)+`"`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `groups[display eq "%s"]`, ports.Query{Limit: 10})},
	{"Users.Search", found("User", `groups pr`, ports.Query{Limit: 1})},
	{"Groups.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		g, err := tx.Groups().Get(ctx, n.group)
		return g != nil, err
	}},
	{"Groups.Document", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Groups().Document(ctx, n.group)
	}},
	{"Groups.Save", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		g := n.fellows(n.group, 1)
		g.MembersChanged(clock())
		return nil, tx.Groups().Save(ctx, g)
	}},
	{"Groups.Delete", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Groups().Delete(ctx, n.group)
	}},
	{"Groups.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		g, _, err := directory.NewGroup(schema.Core().Type("Group"), n.group, n.fellows(n.group, 1).Attributes(), clock())
		if err != nil {
			return nil, err
		}
		return nil, errors.Join(tx.Groups().Add(ctx, g), tx.Groups().Delete(ctx, n.group))
	}},
	{"Groups.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return listed(ctx, tx.Groups().All) }},
	{"Groups.Search", found("Group", ``, ports.Query{Limit: 10})},
	{"Groups.Search", found("Group", `displayName eq "%s" or externalId eq "%[1]s"`, ports.Query{Limit: 10})},
	{"Groups.Search", found("Group", `members eq "`+string(foreign.user)+`"`, ports.Query{Limit: 10})},
	{"Groups.Search", found("Group", `members eq "`+string(foreign.inner)+`"`, ports.Query{Limit: 10})},
	{"Groups.Search", found("Group", `members[display eq "%s"]`, ports.Query{Limit: 10})},
	{"Groups.Search", found("Group", `members pr`, ports.Query{Limit: 1})},
	{"Members.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Add(ctx, own.group, []directory.ID{n.user})
	}},
	{"Members.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Add(ctx, n.group, []directory.ID{own.user})
	}},
	{"Members.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Add(ctx, n.group, []directory.ID{n.user})
	}},
	{"Members.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Add(ctx, own.group, []directory.ID{n.inner})
	}},
	{"Members.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Add(ctx, n.group, []directory.ID{own.inner})
	}},
	{"Members.Remove", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Remove(ctx, n.group, []directory.ID{n.user, n.inner})
	}},
	{"Members.Clear", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Members().Clear(ctx, n.group) }},
	{"Members.All", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		var all []directory.Member
		err := tx.Members().All(ctx, n.group, func(m directory.Member) error { all = append(all, m); return nil })
		return all, err
	}},
	{"Members.Groups", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Members().Groups(ctx, []directory.ID{own.user, n.user})
	}},
	{"Credentials.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		c, err := tx.Credentials().Get(ctx, n.word)
		return c != nil, err
	}},
	{"Credentials.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		var all []credential.Snapshot
		list, err := tx.Credentials().All(ctx)
		for _, c := range list {
			all = append(all, c.Snapshot())
		}
		return all, err
	}},
	{"Credentials.Save", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Credentials().Save(ctx, n.credential())
	}},
	{"Credentials.Used", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Credentials().Used(ctx, n.word, "key", clock())
	}},
	{"Credentials.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Credentials().Add(ctx, n.credential())
	}},
	{"Extensions.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		all, err := tx.Extensions().All(ctx)
		ids := make([]string, len(all))
		for i, e := range all {
			ids[i] = e.Schema.ID
		}
		return ids, err
	}},
	{"Extensions.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Extensions().Add(ctx, n.extension())
	}},
	{"Staff.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		m, err := tx.Staff().Get(ctx, n.word)
		return m != nil, err
	}},
	{"Staff.Find", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		m, err := tx.Staff().Find(ctx, n.word+"@example.com")
		return m != nil, err
	}},
	{"Staff.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		var all []access.Snapshot
		list, err := tx.Staff().All(ctx)
		for _, m := range list {
			all = append(all, m.Snapshot())
		}
		return all, err
	}},
	{"Staff.Save", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		m := n.member()
		m.Remove(clock())
		return nil, tx.Staff().Save(ctx, m)
	}},
	{"Sessions.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Sessions().Get(ctx, n.word) }},
	{"Sessions.Of", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Sessions().Of(ctx, n.word) }},
	{"Sessions.End", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Sessions().End(ctx, n.word)
	}},
	{"Sessions.EndOthers", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Sessions().EndOthers(ctx, n.word, "")
	}},
	{"Sessions.Put", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, errors.Join(tx.Sessions().Put(ctx, n.session()), tx.Sessions().End(ctx, n.word))
	}},
	{"Links.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Links().Get(ctx, n.word) }},
	{"Links.Drop", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return nil, tx.Links().Drop(ctx, n.word) }},
	{"Links.Put", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, errors.Join(tx.Links().Put(ctx, n.link()), tx.Links().Drop(ctx, n.word))
	}},
	{"Staff.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		m := n.member()
		m.Remove(clock())
		return nil, errors.Join(tx.Staff().Add(ctx, n.member()), tx.Staff().Save(ctx, m))
	}},
	{"Traffic.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Traffic().Get(ctx, n.word) }},
	{"Traffic.List", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Traffic().List(ctx, traffic.Query{Subject: n.word, Limit: 10})
	}},
	{"Traffic.Problems", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.Traffic().Problems(ctx, time.Time{})
	}},
	{"Traffic.Traced", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		ids, err := tx.Traffic().Traced(ctx, directory.ID(n.word), []string{n.exchange().Trace})
		return len(ids), err
	}},
	{"Traffic.Count", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Traffic().Count(ctx, traffic.Query{Subject: n.word})
	}},
	{"Traffic.Hours", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.Traffic().Hours(ctx, time.Time{})
	}},
	{"Traffic.Forget", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Traffic().Forget(ctx, time.Time{}, directory.ID(n.word), 10)
	}},
	{"Traffic.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		e := n.exchange()
		e.Count = 2
		if err := tx.Traffic().Add(ctx, []traffic.Exchange{e}); err != nil {
			return nil, err
		}
		return tx.Traffic().Forget(ctx, time.Time{}, directory.ID(n.word), 10)
	}},
	{"Traffic.State", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return tx.Traffic().State(ctx) }},
	{"Traffic.SaveState", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		was, err := tx.Traffic().State(ctx)
		if err != nil {
			return nil, err
		}
		return was, tx.Traffic().SaveState(ctx, own.state())
	}},
	{"Outbox.Claim", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.Outbox().Claim(ctx, clock().Add(time.Hour), clock())
	}},
	{"Outbox.Delay", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Outbox().Delay(ctx, string(n.user), clock().Add(-time.Hour))
	}},
	{"Outbox.Drop", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Outbox().Drop(ctx, string(n.user))
	}},
	{"Outbox.Queue", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, errors.Join(tx.Outbox().Queue(ctx, n.letter()), tx.Outbox().Drop(ctx, string(n.user)))
	}},
	{"People.List", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.People().List(ctx, ports.PeopleQuery{Text: n.word, Group: n.group, Among: []directory.ID{n.user}, State: ports.Active, Sheet: ports.Sheet{Limit: 10}})
	}},
	{"People.List", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.People().List(ctx, ports.PeopleQuery{Sheet: ports.Sheet{Limit: 10, After: &ports.Place{}}})
	}},
	{"People.Holders", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		var all []ports.Holder
		err := tx.People().Holders(ctx, func(h ports.Holder) error { all = append(all, h); return nil })
		return all, err
	}},
	{"People.Groups", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.People().Groups(ctx, ports.GroupsQuery{Sheet: ports.Sheet{Limit: 10}})
	}},
	{"People.Groups", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.People().Groups(ctx, ports.GroupsQuery{Text: n.word, In: n.group, Sheet: ports.Sheet{Limit: 10}})
	}},
	{"People.Groups", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.People().Groups(ctx, ports.GroupsQuery{ID: n.group, Sheet: ports.Sheet{Limit: 10}})
	}},
	{"People.Names", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		names, err := tx.People().Names(ctx, []directory.ID{n.user, n.group})
		return len(names), err
	}},
	{"People.Mark", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return tx.People().Mark(ctx) }},
	{"Health.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return tx.Health().All(ctx) }},
	{"Health.Put", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		was, err := tx.Health().All(ctx)
		if err != nil {
			return nil, err
		}
		return was, tx.Health().Put(ctx, employeeid.Health{Problem: n.health().Problem, Found: 2, Since: clock()})
	}},
	{"Judgements.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return tx.Judgements().All(ctx) }},
	{"Judgements.Put", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		was, err := tx.Judgements().All(ctx)
		if err != nil {
			return nil, err
		}
		j := n.judgement()
		j.Reason = "stolen"
		return was, tx.Judgements().Put(ctx, j)
	}},
	{"Judgements.Remove", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Judgements().Remove(ctx, n.judgement())
	}},
	{"Exports.Get", func(ctx context.Context, tx ports.Tx, n names) (any, error) { return tx.Exports().Get(ctx, n.word) }},
	{"Exports.Parts", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		var text string
		err := tx.Exports().Parts(ctx, n.word, func(part string) error { text += part; return nil })
		return text, err
	}},
	{"Exports.Forget", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return nil, tx.Exports().Forget(ctx, clock().Add(time.Hour))
	}},
	{"Exports.Put", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, errors.Join(tx.Exports().Put(ctx, n.file()), tx.Exports().Forget(ctx, clock().Add(time.Hour)))
	}},
	{"Exports.Append", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, errors.Join(tx.Exports().Put(ctx, n.file()), tx.Exports().Append(ctx, n.word, 1, n.word), tx.Exports().Forget(ctx, clock().Add(time.Hour)))
	}},
	{"Activity.Page", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Activity().Page(ctx, ports.ActivityQuery{Subject: activity.Subject{Kind: "User", ID: string(n.user)}, Sheet: ports.Sheet{Limit: 10}})
	}},
	{"Activity.Page", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.Activity().Page(ctx, ports.ActivityQuery{ByPeople: true, Sheet: ports.Sheet{Limit: 10}})
	}},
	{"Activity.Of", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return tx.Activity().Of(ctx, activity.Subject{Kind: "User", ID: string(n.user)}, 10)
	}},
	{"Activity.All", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		var all []activity.Event
		err := tx.Activity().All(ctx, func(e activity.Event) error { all = append(all, e); return nil })
		return all, err
	}},
	{"Activity.Record", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Activity().Record(ctx, n.event("0190b000-0000-7000-8000-"+string(n.user[24:])))
	}},
	{"Organisation.Empty", func(ctx context.Context, tx ports.Tx, _ names) (any, error) {
		return tx.Organisation().Empty(ctx, 1000)
	}},
	{"Organisation.Add", func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		return nil, tx.Organisation().Add(ctx, n.record())
	}},
	{"Organisation.Remove", func(ctx context.Context, tx ports.Tx, _ names) (any, error) { return tx.Organisation().Remove(ctx) }},
}

// found is a search in our own organisation for what n has.
func found(of, filter string, q ports.Query) func(context.Context, ports.Tx, names) (any, error) {
	return func(ctx context.Context, tx ports.Tx, n names) (any, error) {
		text := strings.NewReplacer(string(foreign.user), string(n.user), string(foreign.group), string(n.group), string(foreign.inner), string(n.inner)).Replace(filter)
		if strings.Contains(text, "%") {
			text = fmt.Sprintf(text, n.word)
		}
		if text != "" {
			f, err := scim.Parse(text)
			if err != nil {
				return nil, err
			}
			if q.Filter, err = scim.Bind(f, schema.Core().Type(of), schema.Core()); err != nil {
				return nil, err
			}
		}
		return searching(tx, of)(ctx, q)
	}
}

// unit is Store's Within or View.
type unit func(context.Context, organisation.ID, func(context.Context, ports.Tx) error) error

// once does one call and gives what was said. A fault does not undo its unit, so that whatever else was done comes to light.
func once(t *testing.T, in unit, c call, n names) string {
	t.Helper()
	var answer any
	var fault error
	err := in(t.Context(), own.org, func(ctx context.Context, tx ports.Tx) error {
		answer, fault = c.do(ctx, tx, n)
		return nil
	})
	plain := strings.NewReplacer(string(n.user), "USER", string(n.group), "GROUP", string(n.inner), "INNER", n.word, "WORD", string(n.org), "ORGANISATION")
	return plain.Replace(fmt.Sprintf("%s: %+s, %v, %v", c.method, answer, fault, err))
}

// answers does every call, in a unit that may not write and in one that may, and gives what each said. watch is told of
// each call when it is over.
func answers(t *testing.T, store ports.Store, n names, watch func(call)) (said []string) {
	t.Helper()
	for _, in := range []unit{store.View, store.Within} {
		for _, c := range calls {
			said = append(said, once(t, in, c, n))
			watch(c)
		}
	}
	return said
}

func TestEveryMethodOfEveryPortIsCalledAcrossOrganisations(t *testing.T) {
	t.Parallel()
	called := map[string]bool{}
	for _, c := range calls {
		called[c.method] = true
	}
	var methods []string
	for port := range reflect.TypeFor[ports.Tx]().Methods() {
		for method := range port.Type.Out(0).Methods() {
			methods = append(methods, port.Name+"."+method.Name)
		}
	}
	require.Greater(t, len(methods), 25)
	for _, m := range methods {
		assert.True(t, called[m], "%s is missing in the table of calls: nobody knows whether it keeps to its organisation", m)
	}
}

// listed gives all that a port lists.
func listed(ctx context.Context, all func(context.Context, func(directory.Document) error) error) (documents []directory.Document, err error) {
	err = all(ctx, func(d directory.Document) error {
		documents = append(documents, d)
		return nil
	})
	return documents, err
}
