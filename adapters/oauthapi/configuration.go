package oauthapi

import (
	"context"
	"errors"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"

	"github.com/extraordinary/provisioning/domain/organisation"
)

// configuration sets all of fosite that is in use. It also sets what fosite would make on first use, because it does so
// without a lock, and to weak choices: any scope under a wildcard, any audience under a prefix, bcrypt, key sets
// fetched from wherever a client says.
func configuration(authenticate fosite.ClientAuthenticationStrategy, tokens Tokens) *fosite.Config {
	c := &fosite.Config{
		ClientAuthenticationStrategy:  authenticate,
		ScopeStrategy:                 fosite.ExactScopeStrategy,
		AudienceMatchingStrategy:      fosite.ExactAudienceMatchingStrategy,
		ClientSecretsHasher:           noHasher{},
		JWKSFetcherStrategy:           noKeySets{},
		DisableRefreshTokenValidation: true,
		AccessTokenLifespan:           organisation.ShortestTokenLife, // not used: a session of ours knows its end
	}
	c.TokenEndpointHandlers = fosite.TokenEndpointHandlers{&oauth2.ClientCredentialsGrantHandler{
		HandleHelper: &oauth2.HandleHelper{AccessTokenStrategy: tokens, AccessTokenStorage: tokens, Config: c},
		Config:       c,
	}}
	return c
}

// noHasher makes sure that fosite never lets anybody in by itself.
type noHasher struct{}

var errNoHasher = errors.New("fosite checks no secrets here")

// Compare refuses.
func (noHasher) Compare(context.Context, []byte, []byte) error { return errNoHasher }

// Hash refuses.
func (noHasher) Hash(context.Context, []byte) ([]byte, error) { return nil, errNoHasher }

// noKeySets has no method to fetch a key set with: no request reaches one, since assertions are refused before.
type noKeySets struct{ fosite.JWKSFetcherStrategy }
