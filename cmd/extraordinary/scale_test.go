package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/configs"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

const (
	groupSize  = 100_000
	groupCount = 1_000
	smallCrowd = 1_000
)

// scale is a running program with two organisations: a small one, and a large one with a group of ten users, one of
// groupSize, and a thousand others. As many users as there are turns are in ten of those, and as many in all.
type scale struct {
	settings            []string
	server              *process
	small, large        client
	few, users          []directory.ID // of the two organisations
	inTen, inAll        []directory.ID // of users, by the groups that they are in
	ten, thousand, many string         // groups
}

// loader writes to the stores of a scale directly, in batches, by the road of every request: entities, and the rows and
// search documents that the store makes of them.
type loader struct {
	*testing.B
	store ports.Store
}

func newScale(b *testing.B, open func(testing.TB) (settings []string, learn func() error)) *scale {
	b.Helper()
	settings, learn := open(b)
	size := groupSize + 1 // one is in no group of them
	if text := os.Getenv("EXTRAORDINARY_SCALE_USERS"); text != "" {
		n, err := strconv.Atoi(text)
		fine(b, err)
		size = max(size, n)
	}
	s := &scale{settings: settings, server: start(b, freeAddress(b), append([]string{"serve", "--rate-limit", "0"}, settings...)...)}
	s.small, s.large = customer(b, settings, s.server.url, "small"), customer(b, settings, s.server.url, "large")

	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	configs.AddFlags(flags)
	fine(b, flags.Parse(settings))
	config, err := configs.Load(flags, func(string) (string, bool) { return "", false })
	fine(b, err)
	services, err := system{now: time.Now, random: rand.Reader}.services(b.Context(), config, nil, slog.New(slog.DiscardHandler))
	fine(b, err)
	defer services.close()
	database := services.stores.database
	l := loader{b, database}
	small, err := database.Registry().Find(b.Context(), "small")
	fine(b, err)
	large, err := database.Registry().Find(b.Context(), "large")
	fine(b, err)
	began := time.Now()
	s.few = l.people(small, smallCrowd)
	s.users = l.people(large, size)
	fmt.Fprintf(os.Stderr, "%s: %d users after %.0f seconds\n", b.Name(), size, time.Since(began).Seconds())
	group := func(size int) string { return string(l.group(large, fmt.Sprintf("All of %d", size), s.users[:size])) }
	s.ten, s.thousand, s.many = group(10), group(1000), group(groupSize)
	s.inTen, s.inAll = s.users[groupSize-2*turns:groupSize-turns], s.users[groupSize-turns:groupSize]
	for n := range groupCount {
		members := s.inAll
		if n < 10 {
			members = slices.Concat(s.inTen, s.inAll)
		}
		l.group(large, fmt.Sprintf("Group %d", n), members)
	}
	fine(b, learn())
	return s
}

// people adds so many users, from several sides at once, and gives their ids in the order of their names.
func (l loader) people(org organisation.ID, size int) []directory.ID {
	l.Helper()
	ids := make([]directory.ID, size)
	const batch = 1000
	batches := make(chan int)
	var hands sync.WaitGroup
	for range 4 {
		hands.Go(func() {
			for first := range batches {
				l.within(org, func(ctx context.Context, tx ports.Tx) error {
					for n := first; n < min(size, first+batch); n++ {
						ids[n] = directory.ID(newID())
						u, _, err := directory.NewUser(schema.Core().Type("User"), ids[n], somebody(n), time.Now())
						if err != nil {
							return err
						}
						if err := tx.Users().Add(ctx, u); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
	}
	for first := 0; first < size; first += batch {
		if first > 0 && first%100_000 == 0 {
			fmt.Fprintf(os.Stderr, "%s: %d users\n", l.Name(), first)
		}
		batches <- first
	}
	close(batches)
	hands.Wait()
	return ids
}

func (l loader) group(org organisation.ID, name string, members []directory.ID) directory.ID {
	l.Helper()
	g, _, err := directory.NewGroup(schema.Core().Type("Group"), directory.ID(newID()), tree.NewObject(tree.Member{Name: "displayName", Value: name}), time.Now())
	fine(l.B, err)
	l.within(org, func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Groups().Add(ctx, g); err != nil {
			return err
		}
		for first := 0; first < len(members); first += 1000 {
			if _, err := tx.Members().Add(ctx, g.ID(), members[first:min(len(members), first+1000)]); err != nil {
				return err
			}
		}
		return nil
	})
	return g.ID()
}

func (l loader) within(org organisation.ID, fn func(context.Context, ports.Tx) error) {
	if err := l.store.Within(l.Context(), org, fn); err != nil {
		l.Error(err)
	}
}

// somebody is the nth user, as Entra's default mapping sends one.
func somebody(n int) *tree.Object {
	v, err := tree.Parse(fmt.Appendf(nil, `{"userName":"User%[1]d@example.com","externalId":"E%[1]d","displayName":"User Number %[1]d","active":true,
		"title":"Engineer","preferredLanguage":"en-NZ","name":{"givenName":"User","familyName":"Number %[1]d","formatted":"User Number %[1]d"},
		"emails":[{"type":"work","value":"user%[1]d@example.com","primary":true}],
		"addresses":[{"type":"work","streetAddress":"%[1]d Cuba Street","locality":"Wellington","postalCode":"6011","country":"NZ"}],
		"phoneNumbers":[{"type":"work","value":"+64 4 %[1]d"},{"type":"mobile","value":"+64 21 %[1]d"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%[1]d","department":"Department %[2]d"}}`, n, n%100))
	if err != nil {
		panic(err)
	}
	return v.(*tree.Object)
}

func fine(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// embedded keeps everything in one file, about which SQLite need not learn anything.
func embedded(t testing.TB) (settings []string, learn func() error) {
	return in(t.TempDir()), func() error { return nil }
}

// learning is production on a Postgres that learns about its rows when it is told, as it does by itself in time.
func learning(t testing.TB) (settings []string, learn func() error) {
	database := servertest.Postgres(t)
	settings = production(t)
	settings[1] = database.App
	return settings, func() error {
		db, err := sql.Open("pgx", database.Superuser)
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.Exec("VACUUM ANALYZE")
		return err
	}
}
