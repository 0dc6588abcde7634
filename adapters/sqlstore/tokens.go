package sqlstore

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
)

type tokenRow struct {
	bun.BaseModel  `bun:"table:tokens"`
	Digest         string `bun:",pk"`
	OrganisationID string
	ClientID       string
	KeyID          string
	Scopes         string
	IssuedAt       int64
	ExpiresAt      int64
	RateLimit      int  `bun:",scanonly"`
	Schemas        int  `bun:",scanonly"`
	Paused         bool `bun:",scanonly"`
}

// tokens keeps access tokens.
type tokens struct {
	store *Store
	mu    sync.Mutex
	swept map[organisation.ID]time.Time // when expired tokens were last taken out
}

func (t *tokens) Put(ctx context.Context, d credential.Digest, token credential.Token) error {
	sweep := t.due(token.Organisation)
	return t.store.write(ctx, token.Organisation, func(ctx context.Context, tx bun.IDB) error {
		var ended bool // as they are where the organisation was erased
		err := tx.NewSelect().ColumnExpr("EXISTS (SELECT 1 FROM token_ends AS e WHERE e.organisation_id = ? AND e.client_id IN (?, ?)) "+
			"OR NOT EXISTS (SELECT 1 FROM registry AS r WHERE r.organisation_id = ?)",
			token.Organisation, token.ClientID, ofSecret(token.ClientID, token.KeyID), token.Organisation).Scan(ctx, &ended)
		if err != nil {
			return err
		}
		if ended {
			return fault.New(fault.Unauthorised, "all tokens of this client were ended")
		}
		if token.RateLimit != organisation.DefaultRateLimit || token.Schemas != 0 || token.Paused {
			_, err := tx.NewRaw("INSERT INTO token_limits (organisation_id, rate_limit, schemas, paused) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
				token.Organisation, int(token.RateLimit), token.Schemas, token.Paused).Exec(ctx)
			if err != nil {
				return err
			}
		}
		_, err = tx.NewInsert().Model(&tokenRow{
			Digest: key(d), OrganisationID: string(token.Organisation), ClientID: token.ClientID, KeyID: token.KeyID,
			Scopes: writeScopes(token.Scopes), IssuedAt: micros(token.Issued), ExpiresAt: micros(token.Expires),
		}).Exec(ctx)
		if err != nil || !sweep {
			return err
		}
		// A bounded number, so that nobody waits long for it.
		_, err = tx.NewDelete().Table("tokens").Where("organisation_id = ?", token.Organisation).
			Where("digest IN (SELECT t.digest FROM tokens AS t WHERE t.organisation_id = ? AND t.expires_at <= ? LIMIT 500)",
				token.Organisation, micros(t.store.now())).Exec(ctx)
		return err
	})
}

// due reports once a minute, and on the first call, that it is time to sweep.
func (t *tokens) due(org organisation.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.store.now()
	if last, ever := t.swept[org]; ever && now.Sub(last) < time.Minute {
		return false
	}
	t.swept[org] = now
	return true
}

func (t *tokens) Get(ctx context.Context, d credential.Digest, now time.Time) (credential.Token, error) {
	var found tokenRow
	err := t.store.database.Direct().NewSelect().Model(&found).ColumnExpr("token_row.*").
		ColumnExpr("coalesce(l.rate_limit, 0) AS rate_limit, coalesce(l.schemas, 0) AS schemas, coalesce(l.paused, 0) AS paused").
		Join("LEFT JOIN token_limits AS l ON l.organisation_id = token_row.organisation_id").
		Where("digest = ?", key(d)).Where("expires_at > ?", micros(now)).
		Where("NOT EXISTS (SELECT 1 FROM token_blocks AS b WHERE b.organisation_id = token_row.organisation_id)").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return credential.Token{}, fault.New(fault.NotFound, "there is no such token, or it is not live any more")
	}
	if err != nil {
		return credential.Token{}, t.store.fault(ctx, err)
	}
	return credential.Token{
		Organisation: organisation.ID(found.OrganisationID), ClientID: found.ClientID, KeyID: found.KeyID,
		Scopes: readScopes(found.Scopes), Issued: fromMicros(found.IssuedAt), Expires: fromMicros(found.ExpiresAt),
		RateLimit: organisation.RateLimit(found.RateLimit), Schemas: found.Schemas, Paused: found.Paused,
	}, nil
}

func (t *tokens) Revoke(ctx context.Context, d credential.Digest) error {
	var org organisation.ID
	err := t.store.database.Direct().NewSelect().Table("tokens").Column("organisation_id").Where("digest = ?", key(d)).Scan(ctx, &org)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return t.store.fault(ctx, err)
	}
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewDelete().Table("tokens").Where("organisation_id = ?", org).Where("digest = ?", key(d)).Exec(ctx)
		return err
	})
}

func (t *tokens) RevokeAll(ctx context.Context, org organisation.ID, clientID string) error {
	return t.end(ctx, org, clientID, func(q *bun.DeleteQuery) *bun.DeleteQuery { return q.Where("client_id = ?", clientID) })
}

func (t *tokens) RevokeSecret(ctx context.Context, org organisation.ID, clientID, keyID string) error {
	return t.end(ctx, org, ofSecret(clientID, keyID), func(q *bun.DeleteQuery) *bun.DeleteQuery {
		return q.Where("client_id = ?", clientID).Where("key_id = ?", keyID)
	})
}

// ofSecret is how the end of a secret's tokens stands among those of clients, whose identifiers hold no slash.
func ofSecret(clientID, keyID string) string { return clientID + "/" + keyID }

// end takes away some tokens, and notes what they were granted for, so that none is put any more.
func (t *tokens) end(ctx context.Context, org organisation.ID, of string, some func(*bun.DeleteQuery) *bun.DeleteQuery) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO token_ends (organisation_id, client_id) VALUES (?, ?) ON CONFLICT DO NOTHING", org, of).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = some(tx.NewDelete().Table("tokens").Where("organisation_id = ?", org)).Exec(ctx)
		return err
	})
}

func (t *tokens) Block(ctx context.Context, org organisation.ID) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO token_blocks (organisation_id) VALUES (?) ON CONFLICT DO NOTHING", org).Exec(ctx)
		return err
	})
}

func (t *tokens) Unblock(ctx context.Context, org organisation.ID) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewDelete().Table("token_blocks").Where("organisation_id = ?", org).Exec(ctx)
		return err
	})
}

func (t *tokens) SetRateLimit(ctx context.Context, org organisation.ID, l organisation.RateLimit) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO token_limits (organisation_id, rate_limit) VALUES (?, ?) "+
			"ON CONFLICT DO UPDATE SET rate_limit = excluded.rate_limit", org, int(l)).Exec(ctx)
		return err
	})
}

func (t *tokens) SetSchemas(ctx context.Context, org organisation.ID, changes int) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO token_limits (organisation_id, rate_limit, schemas) VALUES (?, 0, ?) "+
			"ON CONFLICT DO UPDATE SET schemas = excluded.schemas", org, changes).Exec(ctx)
		return err
	})
}

func (t *tokens) SetPaused(ctx context.Context, org organisation.ID, paused bool) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.NewRaw("INSERT INTO token_limits (organisation_id, rate_limit, paused) VALUES (?, 0, ?) "+
			"ON CONFLICT DO UPDATE SET paused = excluded.paused", org, paused).Exec(ctx)
		return err
	})
}

// tokenTables are the tables in which tokens speaks of organisations.
var tokenTables = []string{"tokens", "token_blocks", "token_ends", "token_limits"}

func (t *tokens) Forget(ctx context.Context, org organisation.ID) error {
	return t.store.write(ctx, org, func(ctx context.Context, tx bun.IDB) error {
		for _, table := range tokenTables {
			if _, err := tx.NewDelete().Table(table).Where("organisation_id = ?", org).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func key(d credential.Digest) string { return hex.EncodeToString(d[:]) }
