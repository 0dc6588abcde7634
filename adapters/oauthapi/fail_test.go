package oauthapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/credentials"
	"github.com/extraordinary/provisioning/domain/fault"
)

const traceID = "0123456789abcdef0123456789abcdef"

func failed(t *testing.T, err error) (*http.Response, map[string]any) {
	t.Helper()
	id, parsed := trace.TraceIDFromHex(traceID)
	require.NoError(t, parsed)
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}}))
	recorder := httptest.NewRecorder()
	new(API).Fail(recorder, httptest.NewRequestWithContext(ctx, "POST", TokenPath, nil), err)
	var body map[string]any
	require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &body))
	return recorder.Result(), body
}

func TestEveryKindOfFaultHasAnAnswerOfTheRFC(t *testing.T) {
	t.Parallel()
	codes := []string{
		"invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type", "temporarily_unavailable", "server_error",
	}
	for kind := fault.Internal; kind <= fault.InvalidCount; kind++ {
		response, body := failed(t, fault.New(kind, "do this"))
		assert.Contains(t, codes, body["error"], kind)
		own := kind == fault.Internal || kind == fault.Unavailable
		assert.Equal(t, own, response.StatusCode >= 500, kind)
		assert.Equal(t, kind == fault.Unauthorised, response.StatusCode == http.StatusUnauthorized, kind)
		assert.Equal(t, kind == fault.Unauthorised, response.Header.Get("WWW-Authenticate") != "", kind)
		assert.Equal(t, traceID, body["trace_id"], "%v: it can be found in our log", kind)
		if !own {
			assert.Equal(t, map[string]any{"error": body["error"], "error_description": "do this", "trace_id": traceID}, body, kind)
		}
	}
}

func TestOfAnErrorOfNobodysNothingIsTold(t *testing.T) {
	t.Parallel()
	response, body := failed(t, errors.New("pq: password of user ann is wrong"))
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	assert.Equal(t, "server_error", body["error"])
	assert.NotContains(t, body["error_description"], "ann")
}

func TestADescriptionHasOnlyTheCharactersOfTheRFC(t *testing.T) {
	t.Parallel()
	_, body := failed(t, fault.New(fault.Syntax, "say \"é\" \\ and\nstop …"))
	assert.Equal(t, "say ''  and stop ", body["error_description"])
}

// fosite makes some of its settings on first use, without a lock and with weak choices: none may be left to it.
func TestNothingThatFositeWouldMakeOnFirstUseIsLeftToIt(t *testing.T) {
	t.Parallel()
	c := configuration(nil, nil)
	before := reflect.ValueOf(*c)
	ctx := t.Context()
	hasher := c.GetSecretsHasher(ctx)
	c.GetScopeStrategy(ctx)
	c.GetAudienceStrategy(ctx)
	c.GetJWKSFetcherStrategy(ctx)
	after := reflect.ValueOf(*c)
	for i := range before.NumField() {
		assert.Equal(t, before.Field(i).IsZero(), after.Field(i).IsZero(), "%s was made on first use", before.Type().Field(i).Name)
	}
	assert.True(t, c.GetDisableRefreshTokenValidation(ctx))
	assert.False(t, c.GetSendDebugMessagesToClients(ctx))
	assert.Empty(t, c.GetTokenIntrospectionHandlers(ctx), "introspection is our own")
	assert.Empty(t, c.GetRevocationHandlers(ctx), "revocation is our own")
	assert.Len(t, c.GetTokenEndpointHandlers(ctx), 1, "there is one grant")

	assert.False(t, c.GetScopeStrategy(ctx)([]string{"scim.*"}, "scim.admin"), "no scope stands for others")
	require.Error(t, c.GetAudienceStrategy(ctx)([]string{"https://a.example"}, []string{"https://a.example/b"}), "no audience stands for others")

	require.Error(t, hasher.Compare(ctx, []byte("x"), []byte("x")), "fosite lets nobody in by itself")
	_, err := hasher.Hash(ctx, []byte("x"))
	require.Error(t, err)
}

func TestEveryEndOfAGrantIsCountedByItsReason(t *testing.T) {
	t.Parallel()
	for want, err := range map[telemetry.GrantOutcome]error{
		telemetry.Granted:       nil,
		telemetry.BadClient:     fault.Wrap(fault.Unauthorised, credentials.BadClient),
		telemetry.ExpiredSecret: fault.Wrap(fault.Unauthorised, credentials.SecretExpired),
		telemetry.Suspended:     fault.Wrap(fault.Unauthorised, credentials.WasSuspended),
		telemetry.BadScope:      fault.New(fault.Forbidden, ""),
		telemetry.BadRequest:    fault.New(fault.Syntax, ""),
		telemetry.Throttled:     fault.Wrap(fault.Limited, credentials.Exceeded{}),
		telemetry.Unserved:      fault.Wrap(fault.Unavailable, context.DeadlineExceeded),
	} {
		assert.Equal(t, want, outcome(err))
	}
	assert.Equal(t, telemetry.Suspended, outcome(fault.Wrap(fault.Unauthorised, credentials.WasRevoked)))
	assert.Equal(t, telemetry.Unserved, outcome(errors.New("unknown")))
}
