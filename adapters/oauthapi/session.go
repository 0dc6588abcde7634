package oauthapi

import (
	"time"

	"github.com/ory/fosite"

	"github.com/extraordinary/provisioning/domain/credential"
)

// session is the token that is being granted, as fosite's storage gets to see it.
type session struct{ token credential.Token }

// Token gives the token, to whose scopes fosite has still to agree.
func (s *session) Token() credential.Token { return s.token }

// SetExpiresAt does nothing: the end follows from the organisation's settings and our clock, not from fosite's.
func (s *session) SetExpiresAt(fosite.TokenType, time.Time) {}

// GetExpiresAt gives the token's end.
func (s *session) GetExpiresAt(fosite.TokenType) time.Time { return s.token.Expires }

// GetUsername gives none: a token speaks for a machine.
func (s *session) GetUsername() string { return "" }

// GetSubject gives the client identifier.
func (s *session) GetSubject() string { return s.token.ClientID }

// Clone copies s.
func (s *session) Clone() fosite.Session {
	copied := *s
	return &copied
}
