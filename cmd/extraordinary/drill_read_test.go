package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"testing"
)

// read pages through all users and groups by the API.
func (d *drill) read(t *testing.T) map[string]resource {
	t.Helper()
	c := client{credential: d.writers[0].credential}
	c.token = c.fetchToken(t)
	all := map[string]resource{}
	for _, kind := range []string{"/Users", "/Groups"} {
		for from, total := 1, 1; from <= total; {
			status, answer, err := c.ask(http.MethodGet, fmt.Sprintf("%s?startIndex=%d&count=100", kind, from), "")
			if err != nil || status != http.StatusOK {
				t.Fatalf("nothing is known, since it cannot be read: status %d, %v: %s", status, err, answer)
			}
			var page struct {
				TotalResults int
				Resources    []struct {
					shownResource
					ID   string
					Meta struct{ Version string }
				}
			}
			decode(t, answer, &page)
			if len(page.Resources) == 0 {
				t.Fatalf("nothing is known: the page from %d of %d is empty", from, page.TotalResults)
			}
			for _, r := range page.Resources {
				if _, twice := all[r.ID]; twice {
					t.Errorf("%s is listed twice", r.ID)
				}
				all[r.ID] = r.resource(versionIn(r.Meta.Version))
			}
			total = page.TotalResults
			from += len(page.Resources)
		}
	}
	return all
}

// shownResource is what the drill reads of a user or a group.
type shownResource struct {
	ExternalID            string
	Entitlements, Members []struct{ Value string }
}

func (s shownResource) resource(version int) resource {
	r := resource{version: version, last: s.ExternalID}
	for _, mark := range append(s.Entitlements, s.Members...) {
		r.marks = append(r.marks, mark.Value)
	}
	return r
}

// tables are the program's, read past the program.
type tables struct{ *sql.DB }

func openTables(t *testing.T, driver, source string) tables {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return tables{db}
}

// each calls row for every row of a query, with what its columns hold as text.
func (s tables) each(t *testing.T, query string, row func(column []string)) {
	t.Helper()
	rows, err := s.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("nothing is known: %v", err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	column := make([]string, len(names))
	into := make([]any, len(names))
	for i := range column {
		into[i] = &column[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row(column)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("nothing is known: %v", err)
	}
}

func (s tables) journal(t *testing.T) (journal []entry) {
	t.Helper()
	const query = "SELECT trace, action, subject_id FROM activity WHERE subject_kind IN ('User', 'Group') ORDER BY id"
	s.each(t, query, func(column []string) {
		journal = append(journal, entry{column[0], deed(column[1]), column[2]})
	})
	return journal
}

func (s tables) resources(t *testing.T) map[string]resource {
	t.Helper()
	all := map[string]resource{}
	s.each(t, "SELECT id, version, document FROM users UNION ALL SELECT id, version, document FROM groups", func(column []string) {
		var document shownResource
		decode(t, column[2], &document)
		var version int
		decode(t, column[1], &version)
		all[column[0]] = document.resource(version)
	})
	s.each(t, "SELECT group_id, user_id FROM memberships", func(column []string) {
		group := all[column[0]]
		group.marks = append(group.marks, column[1])
		all[column[0]] = group
	})
	return all
}
