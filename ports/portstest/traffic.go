package portstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/ports"
)

// Traffic checks ports.Traffic of a store.
func Traffic(t *testing.T, open func(t *testing.T) ports.Store) {
	for name, check := range map[string]func(*testing.T, ports.Store){
		"an exchange is read as it was written":     readsExchanges,
		"exchanges are found by each filter":        findsExchanges,
		"they are walked in both directions":        walksExchanges,
		"they are found by their traces":            tracesExchanges,
		"problems and hours are counted":            countsExchanges,
		"old ones, and those of one, are forgotten": forgetsExchanges,
		"the state is kept, by one after the other": keepsStates,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			register(t, store, acme, "acme")
			register(t, store, globex, "globex")
			check(t, store)
		})
	}
}

// exchange is the nth, n minutes after the begin.
func exchange(n int, change ...func(*traffic.Exchange)) traffic.Exchange {
	e := traffic.Exchange{
		ID: fmt.Sprintf("0190d000-0000-7000-8000-%012d", n), At: begun.Add(time.Duration(n) * time.Minute), ClientID: "c_1", KeyID: "key", About: traffic.Person,
		Subject: string(id(1)), Name: "Tom Reed", Act: traffic.Changed, Method: "PATCH", Path: "/Users/1", Status: 200, Outcome: traffic.Done,
		Request: `{"a":1}`, Response: `{"b":2}`, Trace: "0af7651916cd43dd8448eb211c80319c", Theirs: "theirs", Count: 1,
	}
	for _, c := range change {
		c(&e)
	}
	return e
}

func record(t *testing.T, store ports.Store, org organisation.ID, all ...traffic.Exchange) {
	t.Helper()
	within(t, store, org, func(ctx context.Context, tx ports.Tx) error { return tx.Traffic().Add(ctx, all) })
}

func readsExchanges(t *testing.T, store ports.Store) {
	want := exchange(1, func(e *traffic.Exchange) {
		e.Outcome, e.Codes, e.Detail = traffic.Noted, []traffic.Code{traffic.IDMissing, traffic.NotKept}, "costCentre"
	})
	record(t, store, acme, want, exchange(2))
	record(t, store, acme)
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Traffic().Get(ctx, want.ID)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		_, err = tx.Traffic().Get(ctx, "nothing")
		require.ErrorIs(t, err, fault.NotFound)
		return nil
	})
	view(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Traffic().Get(ctx, want.ID)
		require.ErrorIs(t, err, fault.NotFound)
		return nil
	})
	want.Count = 7
	record(t, store, acme, want)
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Traffic().Get(ctx, want.ID)
		require.NoError(t, err)
		assert.Equal(t, 7, got.Count)
		return nil
	})
}

// foundExchanges gives the numbers of the exchanges that match.
func foundExchanges(t *testing.T, store ports.Store, q traffic.Query) (numbers []int) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		all, err := tx.Traffic().List(ctx, q)
		for _, e := range all {
			numbers = append(numbers, int(e.At.Sub(begun)/time.Minute))
		}
		if q.Before+q.After == "" && len(all) < q.Limit {
			n, err := tx.Traffic().Count(ctx, q)
			assert.NoError(t, err)
			assert.Equal(t, len(all), n, "as many as there are")
		}
		return err
	})
	return numbers
}

func findsExchanges(t *testing.T, store ports.Store) {
	record(t, store, acme,
		exchange(1), exchange(2, func(e *traffic.Exchange) { e.Name, e.Subject = "ŻÓŁĆ", "other" }),
		exchange(3, func(e *traffic.Exchange) { e.Act = traffic.LookedFor }),
		exchange(4, func(e *traffic.Exchange) {
			e.Outcome, e.Codes = traffic.Refused, []traffic.Code{traffic.UserNameTaken, traffic.IDLong}
		}),
		exchange(5, func(e *traffic.Exchange) {
			e.About, e.KeyID, e.Act, e.Outcome, e.Codes = traffic.Connection, "new", traffic.LookedFor, traffic.Refused, []traffic.Code{traffic.FilterRefused}
		}),
	)
	record(t, store, globex, exchange(6))
	for name, c := range map[string]struct {
		q    traffic.Query
		want []int
	}{
		"all but quiet ones": {traffic.Query{}, []int{5, 4, 2, 1}},
		"all":                {traffic.Query{Reads: true}, []int{5, 4, 3, 2, 1}},
		"text":               {traffic.Query{Text: "żółć"}, []int{2}},
		"text of none":       {traffic.Query{Text: "%"}, nil},
		"subject":            {traffic.Query{Subject: "other"}, []int{2}},
		"outcome":            {traffic.Query{Outcome: traffic.Refused}, []int{5, 4}},
		"code":               {traffic.Query{Code: traffic.UserNameTaken}, []int{4}},
		"about":              {traffic.Query{About: traffic.Connection}, []int{5}},
		"secret":             {traffic.Query{KeyID: "new"}, []int{5}},
		"time":               {traffic.Query{From: begun.Add(2 * time.Minute), To: begun.Add(5 * time.Minute)}, []int{4, 2}},
		"two at once":        {traffic.Query{Outcome: traffic.Refused, About: traffic.Person}, []int{4}},
		"limit":              {traffic.Query{Limit: 2}, []int{5, 4}},
	} {
		assert.Equal(t, c.want, foundExchanges(t, store, c.q), name)
	}
}

func tracesExchanges(t *testing.T, store ports.Store) {
	traced := func(n int, trace string, subject int) traffic.Exchange {
		return exchange(n, func(e *traffic.Exchange) { e.Trace, e.Subject = trace, string(id(subject)) })
	}
	record(t, store, acme, traced(1, "a", 1), traced(2, "b", 1), traced(3, "c", 2), traced(4, "", 1))
	record(t, store, globex, traced(5, "a", 1))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		ids, err1 := tx.Traffic().Traced(ctx, id(1), []string{"a", "c", "d"})
		assert.Equal(t, map[string]string{"a": exchange(1).ID}, ids)
		none, err2 := tx.Traffic().Traced(ctx, id(1), nil)
		assert.Empty(t, none)
		return errors.Join(err1, err2)
	})
}

func walksExchanges(t *testing.T, store ports.Store) {
	for n := range 5 {
		record(t, store, acme, exchange(n+1))
	}
	assert.Equal(t, []int{2, 1}, foundExchanges(t, store, traffic.Query{Before: exchange(3).ID}))
	assert.Equal(t, []int{4, 5}, foundExchanges(t, store, traffic.Query{After: exchange(3).ID}))
	assert.Equal(t, []int{4}, foundExchanges(t, store, traffic.Query{After: exchange(3).ID, Limit: 1}))
}

func countsExchanges(t *testing.T, store ports.Store) {
	refused := func(c traffic.Code, n int) func(*traffic.Exchange) {
		return func(e *traffic.Exchange) { e.Outcome, e.Codes, e.Count = traffic.Refused, []traffic.Code{c}, n }
	}
	record(t, store, acme, exchange(1, refused(traffic.SecretWrong, 5)), exchange(2), exchange(61, refused(traffic.UserNameTaken, 1)), exchange(62, refused(traffic.SecretWrong, 2)))
	record(t, store, globex, exchange(3, refused(traffic.SecretWrong, 1)))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		problems, err := tx.Traffic().Problems(ctx, begun)
		require.NoError(t, err)
		assert.Equal(t, []traffic.Problem{
			{Code: traffic.SecretWrong, Count: 7, First: exchange(1).At, Last: exchange(62).At},
			{Code: traffic.UserNameTaken, Count: 1, First: exchange(61).At, Last: exchange(61).At},
		}, problems)
		problems, err = tx.Traffic().Problems(ctx, exchange(62).At)
		require.NoError(t, err)
		assert.Len(t, problems, 1)
		hours, err := tx.Traffic().Hours(ctx, begun)
		require.NoError(t, err)
		var totals, refusals int
		for _, h := range hours {
			totals, refusals = totals+h.Total, refusals+h.Refused
			assert.Equal(t, h.Start, h.Start.Truncate(time.Hour))
		}
		assert.GreaterOrEqual(t, len(hours), 2)
		assert.Equal(t, []int{9, 8}, []int{totals, refusals})
		return nil
	})
}

func forgetsExchanges(t *testing.T, store ports.Store) {
	forget := func(before time.Time, subject directory.ID, most int) (n int) {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) (err error) {
			n, err = tx.Traffic().Forget(ctx, before, subject, most)
			return err
		})
		return n
	}
	for n := range 6 {
		record(t, store, acme, exchange(n+1, func(e *traffic.Exchange) { e.Subject = fmt.Sprint(n % 2) }))
	}
	record(t, store, globex, exchange(1, func(e *traffic.Exchange) { e.Subject = "1" }))
	assert.Equal(t, 2, forget(exchange(4).At, "", 2))
	assert.Equal(t, 1, forget(exchange(4).At, "", 2))
	assert.Zero(t, forget(exchange(4).At, "", 2))
	assert.Equal(t, []int{6, 5, 4}, foundExchanges(t, store, traffic.Query{}))
	assert.Equal(t, 2, forget(time.Time{}, "1", 10))
	assert.Equal(t, []int{5}, foundExchanges(t, store, traffic.Query{}))
	view(t, store, globex, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Traffic().Get(ctx, exchange(1).ID)
		return err
	})
}

func keepsStates(t *testing.T, store ports.Store) {
	var want traffic.State
	want.Note(exchange(1))
	want.Note(exchange(2, func(e *traffic.Exchange) { e.Act = traffic.Token }))
	for range 2 {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error { return tx.Traffic().SaveState(ctx, want) })
	}
	for org, wanted := range map[organisation.ID]traffic.State{acme: want, globex: {}} {
		view(t, store, org, func(ctx context.Context, tx ports.Tx) error {
			got, err := tx.Traffic().State(ctx)
			require.NoError(t, err)
			assert.Equal(t, wanted, got)
			return nil
		})
	}
	const writers = 10
	done := make(chan error, writers)
	for range writers {
		go func() {
			done <- store.Within(context.WithoutCancel(t.Context()), acme, func(ctx context.Context, tx ports.Tx) error {
				s, err := tx.Traffic().State(ctx)
				if err != nil {
					return err
				}
				s.People++
				return tx.Traffic().SaveState(ctx, s)
			})
		}()
	}
	var faults []error
	for range writers {
		faults = append(faults, <-done)
	}
	require.NoError(t, errors.Join(faults...))
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		got, err := tx.Traffic().State(ctx)
		assert.Equal(t, writers, got.People)
		return err
	})
}
