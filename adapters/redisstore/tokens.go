package redisstore

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Tokens gives the store's access tokens.
func (s *Store) Tokens() ports.Tokens { return tokens{s} }

type tokens struct{ *Store }

// outlives is longer than any token that is being granted now: what ends such tokens need not be kept for longer.
const outlives = organisation.LongestTokenLife + time.Hour

// value is a token as it is kept. Its digest is in it, so that an answer which belongs to another question is noticed.
type value struct {
	Digest       []byte
	Organisation organisation.ID
	ClientID     string
	KeyID        string
	Scopes       []credential.Scope
	Issued       int64 // microseconds since 1970
	Expires      int64
}

// Put keeps a token for as long as it lives, whatever the clocks of replicas say.
func (t tokens) Put(ctx context.Context, d credential.Digest, token credential.Token) error {
	v := value{d[:], token.Organisation, token.ClientID, token.KeyID, token.Scopes, token.Issued.UnixMicro(), token.Expires.UnixMicro()}
	text, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	rate := ports.RateOf(token.RateLimit, ports.Rate{})
	keys := []string{tokenKey(d), clientKey(token.Organisation, token.ClientID), organisationKey(token.Organisation), secretKey(token.Organisation, token.ClientID, token.KeyID)}
	var kept bool
	err = t.do(ctx, func(ctx context.Context) (err error) {
		kept, err = putting.Run(ctx, t.client, keys,
			text, v.Expires, bucketKey(bucketOf(token.Organisation)), token.Expires.Sub(token.Issued).Milliseconds(),
			int(token.RateLimit), rate.Unit().Microseconds(), rate.Full().Microseconds(), token.Schemas, bit(token.Paused)).Bool()
		return err
	})
	if err == nil && !kept {
		return fault.New(fault.Unauthorised, "all tokens of this client were ended")
	}
	return err
}

func (t tokens) Get(ctx context.Context, d credential.Digest, now time.Time) (credential.Token, error) {
	found, _, err := t.admit(ctx, d, 0, now, ports.Rate{})
	return found, err
}

// admit reads a token that is live at now, and takes cost out of the bucket of its organisation.
func (s *Store) admit(ctx context.Context, d credential.Digest, cost int, now time.Time, standard ports.Rate) (t credential.Token, missing time.Duration, err error) {
	var answer []any
	err = s.do(ctx, func(ctx context.Context) (err error) {
		answer, err = admitting.Run(ctx, s.client, []string{tokenKey(d)},
			now.UnixMicro(), cost, standard.Unit().Microseconds(), standard.Full().Microseconds()).Slice()
		return err
	})
	if errors.Is(err, redis.Nil) {
		return t, 0, fault.New(fault.NotFound, "there is no such token, or it is not live any more")
	}
	if err != nil {
		return t, 0, err
	}
	if len(answer) != 5 {
		return t, 0, errAnswer
	}
	text, isText := answer[0].(string)
	limit, isLimit := answer[1].(int64)
	schemas, isCount := answer[2].(int64)
	micros, isMicros := answer[3].(int64)
	paused, isBit := answer[4].(int64)
	var v value
	if !isText || !isLimit || !isCount || !isMicros || !isBit || json.Unmarshal([]byte(text), &v) != nil || subtle.ConstantTimeCompare(v.Digest, d[:]) == 0 {
		return t, 0, errAnswer
	}
	return credential.Token{
		Organisation: v.Organisation, ClientID: v.ClientID, KeyID: v.KeyID, Scopes: v.Scopes,
		Issued: time.UnixMicro(v.Issued).UTC(), Expires: time.UnixMicro(v.Expires).UTC(), RateLimit: organisation.RateLimit(limit), Schemas: int(schemas), Paused: paused == 1,
	}, time.Duration(micros) * time.Microsecond, nil
}

var errAnswer = fault.Wrap(fault.Unavailable, errors.New("redis gave what is no answer to the question"))

func (t tokens) Revoke(ctx context.Context, d credential.Digest) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.Del(ctx, tokenKey(d)).Err()
	})
}

func (t tokens) RevokeAll(ctx context.Context, org organisation.ID, clientID string) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.Set(ctx, clientKey(org, clientID), "ended", outlives).Err()
	})
}

func (t tokens) RevokeSecret(ctx context.Context, org organisation.ID, clientID, keyID string) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.Set(ctx, secretKey(org, clientID, keyID), "ended", outlives).Err()
	})
}

func (t tokens) Block(ctx context.Context, org organisation.ID) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.HSet(ctx, organisationKey(org), "blocked", 1).Err()
	})
}

func (t tokens) Unblock(ctx context.Context, org organisation.ID) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.HDel(ctx, organisationKey(org), "blocked").Err()
	})
}

func (t tokens) SetRateLimit(ctx context.Context, org organisation.ID, l organisation.RateLimit) error {
	rate := ports.RateOf(l, ports.Rate{})
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.HSet(ctx, organisationKey(org),
			"limit", int(l), "unit", rate.Unit().Microseconds(), "full", rate.Full().Microseconds()).Err()
	})
}

func (t tokens) SetSchemas(ctx context.Context, org organisation.ID, changes int) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.HSet(ctx, organisationKey(org), "schemas", changes).Err()
	})
}

func (t tokens) SetPaused(ctx context.Context, org organisation.ID, paused bool) error {
	return t.do(ctx, func(ctx context.Context) error {
		return t.client.HSet(ctx, organisationKey(org), "paused", bit(paused)).Err()
	})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Forget looks at every token, for their keys do not tell whose they are. That takes a second for a million. What ends
// the organisation's tokens stays for as long as one could live that is being granted at this moment; it names nobody.
func (t tokens) Forget(ctx context.Context, org organisation.ID) error {
	if err := t.Block(ctx, org); err != nil {
		return err
	}
	key := organisationKey(org)
	err := t.do(ctx, func(ctx context.Context) error {
		return t.client.HDel(ctx, key, "limit", "unit", "full", "schemas", "paused").Err()
	})
	if err != nil {
		return err
	}
	if err := t.do(ctx, func(ctx context.Context) error { return t.client.Expire(ctx, key, outlives).Err() }); err != nil {
		return err
	}
	for cursor := uint64(0); ; {
		if cursor, err = t.forget(ctx, key, cursor); err != nil {
			return err
		}
		if cursor == 0 {
			return t.do(ctx, func(ctx context.Context) error { return t.client.Del(ctx, bucketKey(bucketOf(org))).Err() })
		}
	}
}

// forget goes through the next tokens, and gives where to go on; 0: that was all.
func (t tokens) forget(ctx context.Context, key string, cursor uint64) (next uint64, err error) {
	var keys []string
	err = t.do(ctx, func(ctx context.Context) (err error) {
		keys, next, err = t.client.Scan(ctx, cursor, "t:*", 1000).Result()
		return err
	})
	if err != nil {
		return 0, err
	}
	return next, t.do(ctx, func(ctx context.Context) error {
		return forgetting.Run(ctx, t.client, append([]string{key}, keys...)).Err()
	})
}

func bucketOf(org organisation.ID) ports.Bucket {
	return ports.Bucket{Limit: ports.PerOrganisation, Subject: string(org)}
}
