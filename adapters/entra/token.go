package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// tokens keeps the access token of a job and fetches a new one when it is needed (RFC 6749 §4.4).
type tokens struct {
	endpoint, clientID, clientSecret, scope string
	in                                      Location

	mu      sync.Mutex // held during a fetch, so that many objects in flight make one request
	current string
	renewAt time.Time
	failed  error // ends the job; whoever waits meanwhile must not ask once more with credentials that are wrong
}

// get returns a token that is good for a while. Its errors are *Quarantine unless the context ended.
func (t *tokens) get(ctx context.Context, w *wire) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != "" && w.now().Before(t.renewAt) {
		return t.current, nil
	}
	if t.failed != nil {
		return "", t.failed
	}
	token, lifetime, err := t.fetch(ctx, w)
	if err != nil {
		t.failed = err
		return "", err
	}
	t.current, t.renewAt = token, w.now().Add(lifetime-min(lifetime/10, 5*time.Minute))
	return token, nil
}

// refused drops a token that the server did not accept, unless another object has dropped it already.
func (t *tokens) refused(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == token {
		t.current = ""
	}
}

func (t *tokens) fetch(ctx context.Context, w *wire) (token string, lifetime time.Duration, err error) {
	a, err := w.patiently(ctx, stepToken, func() (*http.Request, error) { return t.request(ctx) })
	if err != nil {
		if ctx.Err() != nil {
			return "", 0, err
		}
		return "", 0, &Quarantine{Reason: "the token endpoint gave no answer: " + printable(err.Error())}
	}
	defer w.release(a)
	var answer struct {
		AccessToken      string      `json:"access_token"`
		TokenType        string      `json:"token_type"`
		ExpiresIn        json.Number `json:"expires_in"`
		Error            string      `json:"error"`
		ErrorDescription string      `json:"error_description"`
	}
	broken := json.Unmarshal(a.body.Bytes(), &answer)
	reason := ""
	switch {
	case a.status != http.StatusOK:
		reason = fmt.Sprintf("the token endpoint answered %d %s: %s", a.status, printable(answer.Error), printable(answer.ErrorDescription))
	case broken != nil:
		reason = "the token endpoint's answer is not a JSON object"
	case answer.AccessToken == "" || !strings.EqualFold(answer.TokenType, "Bearer"):
		reason = `the token endpoint's answer needs an access_token and the token_type "Bearer" (RFC 6749 §5.1)`
	}
	if reason != "" {
		w.meter.wrong(stepToken)
		return "", 0, &Quarantine{Reason: strings.TrimRight(reason, ": ")}
	}
	w.meter.right(stepToken, a.took)
	seconds, err := answer.ExpiresIn.Int64()
	if err != nil {
		seconds = 3600 // expires_in is only recommended (RFC 6749 §5.1)
	}
	return answer.AccessToken, time.Duration(seconds) * time.Second, nil
}

func (t *tokens) request(ctx context.Context) (*http.Request, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if t.scope != "" {
		form.Set("scope", t.scope)
	}
	if t.in != InHeader {
		form.Set("client_id", t.clientID)
		form.Set("client_secret", t.clientSecret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if t.in != InBody {
		// Both are form-encoded before they become Basic credentials (RFC 6749 §2.3.1).
		r.SetBasicAuth(url.QueryEscape(t.clientID), url.QueryEscape(t.clientSecret))
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return r, nil
}
