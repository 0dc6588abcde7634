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
	if c.writes {
		// By a statement of its own: had the look at the secrets waited for the lock, it would miss those that whoever held
		// it has made.
		lock := c.NewSelect().Table("credentials").Column("client_id").Where("organisation_id = ?", c.org).Where("client_id = ?", clientID)
		if _, err := c.store.dialect.Locked(lock).Exec(ctx); err != nil {
			return nil, err
		}
	}
	found, err := c.find(ctx, c.joined().Where("c.client_id = ?", clientID))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, noCredential(sql.ErrNoRows)
	}
	return found[0], nil
}

func (c credentials) All(ctx context.Context) ([]*credential.ClientCredential, error) {
	return c.find(ctx, c.joined())
}

// joined gives credentials in their order, one row for each secret. A credential has one from its making on.
func (c credentials) joined() *bun.SelectQuery {
	return c.NewSelect().TableExpr("credentials AS c").
		Join("JOIN secrets AS s ON s.organisation_id = c.organisation_id AND s.client_id = c.client_id").
		ColumnExpr("c.client_id, c.name, c.scopes, c.created_at, c.revoked_at").
		ColumnExpr("s.key_id, s.hash, s.created_at AS secret_created_at, s.expires_at, s.last_used_at").
		Where("c.organisation_id = ?", c.org).OrderExpr("c.ordinal, s.ordinal")
}

func (c credentials) find(ctx context.Context, q *bun.SelectQuery) (found []*credential.ClientCredential, err error) {
	var rows []struct {
		ClientID, Name, Scopes string
		CreatedAt              int64
		RevokedAt              *int64
		KeyID, Hash            string
		SecretCreatedAt        int64
		ExpiresAt              int64
		LastUsedAt             *int64
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var s credential.Snapshot
	for i, r := range rows {
		s.Secrets = append(s.Secrets, credential.Secret{
			KeyID: r.KeyID, Hash: r.Hash, Created: fromMicros(r.SecretCreatedAt),
			Expires: fromMicros(r.ExpiresAt), LastUsed: fromMicrosOrNull(r.LastUsedAt),
		})
		if i+1 < len(rows) && rows[i+1].ClientID == r.ClientID {
			continue
		}
		s.ClientID, s.Organisation, s.Name, s.Scopes = r.ClientID, c.org, r.Name, readScopes(r.Scopes)
		s.Created, s.Revoked = fromMicros(r.CreatedAt), fromMicrosOrNull(r.RevokedAt)
		found = append(found, credential.Restore(s))
		s = credential.Snapshot{}
	}
	return found, nil
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
		Where("(last_used_at IS NULL OR last_used_at <= ?)", micros(now.Add(-time.Minute))).Exec(unawaitedIn(ctx))
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
