package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

type credentialRow struct {
	bun.BaseModel  `bun:"table:credentials"`
	OrganisationID string `bun:",pk"`
	ClientID       string `bun:",pk"`
	Ordinal        int
	Name           string
	Scopes         string
	CreatedAt      int64
	RevokedAt      *int64
}

type secretRow struct {
	bun.BaseModel  `bun:"table:secrets"`
	OrganisationID string `bun:",pk"`
	ClientID       string `bun:",pk"`
	KeyID          string `bun:",pk"`
	Ordinal        int
	Hash           string
	CreatedAt      int64
	ExpiresAt      int64
	LastUsedAt     *int64
}

// credentials is one organisation's client credentials.
type credentials struct{ *unit }

func (c credentials) Get(ctx context.Context, clientID string) (*credential.ClientCredential, error) {
	var found credentialRow
	q := c.NewSelect().Model(&found).Where("organisation_id = ?", c.org).Where("client_id = ?", clientID)
	if err := c.locked(q).Scan(ctx); err != nil {
		return nil, noCredential(err)
	}
	var secrets []secretRow
	if err := c.secrets(&secrets).Where("client_id = ?", clientID).Scan(ctx); err != nil {
		return nil, err
	}
	return found.restore(secrets), nil
}

func (c credentials) All(ctx context.Context) ([]*credential.ClientCredential, error) {
	var rows []credentialRow
	if err := c.NewSelect().Model(&rows).Where("organisation_id = ?", c.org).OrderExpr("ordinal").Scan(ctx); err != nil {
		return nil, err
	}
	var secrets []secretRow
	if err := c.secrets(&secrets).Scan(ctx); err != nil {
		return nil, err
	}
	of := map[string][]secretRow{}
	for _, s := range secrets {
		of[s.ClientID] = append(of[s.ClientID], s)
	}
	all := make([]*credential.ClientCredential, len(rows))
	for i, r := range rows {
		all[i] = r.restore(of[r.ClientID])
	}
	return all, nil
}

func (c credentials) secrets(found *[]secretRow) *bun.SelectQuery {
	return c.NewSelect().Model(found).Where("organisation_id = ?", c.org).OrderExpr("ordinal")
}

func (r credentialRow) restore(secrets []secretRow) *credential.ClientCredential {
	s := credential.Snapshot{
		ClientID: r.ClientID, Organisation: organisation.ID(r.OrganisationID), Name: r.Name, Scopes: readScopes(r.Scopes),
		Created: fromMicros(r.CreatedAt), Revoked: fromMicrosOrNull(r.RevokedAt),
	}
	for _, secret := range secrets {
		s.Secrets = append(s.Secrets, credential.Secret{
			KeyID: secret.KeyID, Hash: secret.Hash, Created: fromMicros(secret.CreatedAt),
			Expires: fromMicros(secret.ExpiresAt), LastUsed: fromMicrosOrNull(secret.LastUsedAt),
		})
	}
	return credential.Restore(s)
}

func (c credentials) Add(ctx context.Context, added *credential.ClientCredential) error {
	s := added.Snapshot()
	last := c.NewSelect().Table("credentials").ColumnExpr("coalesce(max(ordinal), 0) + 1").Where("organisation_id = ?", c.org)
	if _, err := c.NewInsert().Model(c.row(s)).Value("ordinal", "(?)", last).Exec(ctx); err != nil {
		return c.conflict(err)
	}
	return c.saveSecrets(ctx, s)
}

func (c credentials) Save(ctx context.Context, saved *credential.ClientCredential) error {
	s := saved.Snapshot()
	result, err := c.NewUpdate().Model(c.row(s)).Column("name", "scopes", "revoked_at").
		Where("organisation_id = ?", c.org).Where("client_id = ?", s.ClientID).Exec(ctx)
	if err != nil {
		return c.conflict(err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return noCredential(sql.ErrNoRows)
	}
	q := c.NewDelete().Model((*secretRow)(nil)).Where("organisation_id = ?", c.org).Where("client_id = ?", s.ClientID)
	if _, err := q.Exec(ctx); err != nil {
		return err
	}
	return c.saveSecrets(ctx, s)
}

func (c credentials) saveSecrets(ctx context.Context, s credential.Snapshot) error {
	var rows []secretRow
	for i, secret := range s.Secrets {
		rows = append(rows, secretRow{
			OrganisationID: string(c.org), ClientID: s.ClientID, KeyID: secret.KeyID, Ordinal: i, Hash: secret.Hash,
			CreatedAt: micros(secret.Created), ExpiresAt: micros(secret.Expires), LastUsedAt: microsOrNull(secret.LastUsed),
		})
	}
	if rows == nil {
		return nil
	}
	_, err := c.NewInsert().Model(&rows).Exec(ctx)
	return err
}

func (c credentials) Used(ctx context.Context, clientID, keyID string, now time.Time) error {
	_, err := c.NewUpdate().Table("secrets").Set("last_used_at = ?", micros(now)).
		Where("organisation_id = ?", c.org).Where("client_id = ?", clientID).Where("key_id = ?", keyID).
		Where("(last_used_at IS NULL OR last_used_at <= ?)", micros(now.Add(-time.Minute))).Exec(ctx)
	return err
}

func (c credentials) row(s credential.Snapshot) *credentialRow {
	return &credentialRow{
		OrganisationID: string(c.org), ClientID: s.ClientID, Name: s.Name, Scopes: writeScopes(s.Scopes),
		CreatedAt: micros(s.Created), RevokedAt: microsOrNull(s.Revoked),
	}
}

func (c credentials) conflict(err error) error {
	if c.store.dialect.Taken(err, "name") {
		return fault.New(fault.Conflict, "another credential has this name; choose another, or revoke that one first").At("name")
	}
	return err
}

func noCredential(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "there is no such credential")
	}
	return err
}

func writeScopes(scopes []credential.Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

func readScopes(text string) []credential.Scope {
	var scopes []credential.Scope
	for _, word := range strings.Fields(text) {
		scopes = append(scopes, credential.Scope(word))
	}
	return scopes
}
