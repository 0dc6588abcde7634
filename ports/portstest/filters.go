package portstest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/ports"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func filters(t *testing.T, store ports.Store) {
	addUsers(t, store, acme,
		user(t, 1, whole),
		user(t, 2, `{"userName":"bob","active":true,"title":"50% \\_'\"","emails":[{"type":"work","value":"bob@example.com"},{"type":"home","value":"ada@example.com"}]}`),
		user(t, 3, `{"userName":"STRASSE","externalId":"0042","displayName":"Straße","`+enterprise+`":{"employeeNumber":"8"}}`),
	)
	addGroups(t, store, acme, group(t, 10, "Staff"), group(t, 11, "Board"))
	join(t, store, acme, id(10), id(1), id(2))

	for filter, want := range map[string][]directory.ID{
		`userName eq "ADA@example.COM"`:                            {id(1)},
		`userName eq "straße"`:                                     {id(3)},
		`userName eq "nobody"`:                                     nil,
		`externalId eq "0042"`:                                     {id(1), id(3)},
		`externalId eq "0042 "`:                                    nil,
		`externalId pr`:                                            {id(1), id(3)},
		`not (externalId pr)`:                                      {id(2)},
		`externalId ne "0042"`:                                     {id(2)},
		`displayName eq "STRASSE"`:                                 {id(3)},
		`id eq "` + string(id(2)) + `"`:                            {id(2)},
		`emails[type eq "work"].value eq "ADA@example.com"`:        {id(1)},
		`emails.value eq "ada@example.com"`:                        {id(1), id(2)},
		`emails[type eq "home" and value eq "ada@example.com"]`:    {id(2)},
		`emails[not (type eq "work")]`:                             {id(1), id(2)},
		`not (emails[type eq "work"])`:                             {id(3)},
		`emails co "HOME"`:                                         {id(1)},
		`emails.primary eq true`:                                   {id(1)},
		`emails.primary eq false`:                                  {id(1), id(2)},
		`emails[primary eq false and type eq "home"]`:              {id(1), id(2)},
		`emails[type eq "work" and primary eq false]`:              {id(2)},
		`not (emails.primary eq false)`:                            {id(3)},
		`phoneNumbers.primary eq false`:                            nil,
		`emails pr`:                                                {id(1), id(2)},
		`title pr`:                                                 {id(2)},
		`title eq ""`:                                              {id(1)},
		`title co "% \\_'\""`:                                      {id(2)},
		`title co ""`:                                              {id(1), id(2)},
		`title sw "50%"`:                                           {id(2)},
		`title ew "'\""`:                                           {id(2)},
		`title sw "5_%"`:                                           nil,
		`active eq false`:                                          {id(1)},
		`active ne false`:                                          {id(2), id(3)},
		`name.givenName eq "ada"`:                                  {id(1)},
		`name[givenName eq "ada" and familyName eq "lovelace"]`:    {id(1)},
		`name[not (givenName eq "bob")]`:                           {id(1)},
		`userName gt "ada@example.com"`:                            {id(2), id(3)},
		`userName sw "s"`:                                          {id(3)},
		`employeeNumber eq "8"`:                                    {id(3)},
		enterprise + `:manager eq "x"`:                             {id(1)},
		enterprise + ` pr`:                                         {id(1), id(3)},
		`schemas eq "` + enterprise + `"`:                          {id(1), id(3)},
		`groups.value eq "` + string(id(10)) + `"`:                 {id(1), id(2)},
		`groups.display sw "st"`:                                   {id(1), id(2)},
		`not (groups pr)`:                                          {id(3)},
		`meta.created eq "2026-01-31T23:59:58.123456Z"`:            {id(1), id(2), id(3)},
		`meta.created gt "2026-01-31T23:59:58.1234559Z"`:           {id(1), id(2), id(3)},
		`meta.created ge "2026-01-31T23:59:58.1234561Z"`:           nil,
		`meta.lastModified lt "2026-02-01T01:59:58.123457+02:00"`:  {id(1), id(2), id(3)},
		`meta.version eq "W/\"1\""`:                                {id(1), id(2), id(3)},
		`userName eq "bob" or externalId eq "0042" and active pr`:  {id(1), id(2)},
		`(userName eq "bob" or externalId eq "0042") and title pr`: {id(2)},
		`not (userName eq "bob" or externalId eq "0042")`:          nil,
		`userName eq "' OR 1=1 --"`:                                nil,
		`userName eq "?" or title eq "$1"`:                         nil,
	} {
		ids, total := searchUsers(t, store, ports.Query{Filter: bound(t, userType(), filter), Limit: 10})
		assert.Equal(t, want, ids, filter)
		assert.Equal(t, len(want), total, filter)
		_, total = searchUsers(t, store, ports.Query{Filter: bound(t, userType(), filter)})
		assert.Equal(t, len(want), total, "counted: %s", filter)
	}
	for filter, want := range map[string][]directory.ID{
		`displayName eq "STAFF"`:                                       {id(10)},
		`members eq "` + string(id(1)) + `"`:                           {id(10)},
		fmt.Sprintf(`id eq %q and members eq %q`, id(10), id(2)):       {id(10)},
		fmt.Sprintf(`id eq %q and members eq %q`, id(11), id(2)):       nil,
		fmt.Sprintf(`members[value eq %q and type eq "user"]`, id(1)):  {id(10)},
		fmt.Sprintf(`members[value eq %q and type eq "group"]`, id(1)): nil,
		`members ne "` + string(id(1)) + `"`:                           {id(11)},
		`members.display co "lö"`:                                      {id(10)},
		`members pr`:                                                   {id(10)},
		`not (members.value pr)`:                                       {id(11)},
	} {
		ids, total := searchGroups(t, store, ports.Query{Filter: bound(t, groupType(), filter), Limit: 10})
		assert.Equal(t, want, ids, filter)
		assert.Equal(t, len(want), total, filter)
	}
}

// searchGroups gives the ids on a page and the total.
func searchGroups(t *testing.T, store ports.Store, q ports.Query) (ids []directory.ID, total int) {
	t.Helper()
	view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
		page, err := tx.Groups().Search(ctx, q)
		total = page.Total
		for _, d := range page.Documents {
			ids = append(ids, d.ID)
		}
		return err
	})
	return ids, total
}

func filtersAfterChanges(t *testing.T, store ports.Store) {
	addUsers(t, store, acme, user(t, 1, whole))
	become := func(attributes string) {
		within(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			u, err := tx.Users().Get(ctx, id(1))
			require.NoError(t, err)
			_, err = u.Replace(userType(), object(t, attributes), begun)
			require.NoError(t, err)
			return tx.Users().Save(ctx, u)
		})
	}
	found := func(filter string) bool {
		var total int
		view(t, store, acme, func(ctx context.Context, tx ports.Tx) error {
			page, err := tx.Users().Search(ctx, ports.Query{Filter: bound(t, userType(), filter)})
			total = page.Total
			return err
		})
		return total == 1
	}
	become(`{"userName":"countess","externalId":"1","displayName":"Countess","title":"C","emails":[{"value":"c@example.com"},{"value":"C@example.com","type":"home"}]}`)
	for _, gone := range []string{`userName eq "ada@example.com"`, `externalId eq "0042"`, `displayName co "ada"`, `emails eq "ada@example.com"`, `emails[type eq "work"]`, `name pr`} {
		assert.False(t, found(gone), gone)
	}
	for _, there := range []string{`userName eq "countess"`, `externalId eq "1"`, `displayName eq "countess"`, `emails eq "c@example.com"`, `emails[type eq "home" and value eq "c@example.com"]`, `title eq "c"`} {
		assert.True(t, found(there), there)
	}
	become(`{"userName":"countess","emails":[{"value":"c@example.com"},{"value":"C@example.com","type":"home"}],"title":"D"}`)
	assert.True(t, found(`emails eq "c@example.com"`), "what did not change stays")
	for _, gone := range []string{`externalId pr`, `displayName pr`, `displayName eq "countess"`, `title eq "c"`} {
		assert.False(t, found(gone), gone)
	}
	become(`{"userName":"countess"}`)
	assert.False(t, found(`emails eq "c@example.com"`))
}
