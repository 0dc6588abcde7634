package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fetch asks for a token with a secret, as if from an address behind the proxy that this machine is.
func (c client) fetch(t *testing.T, from, secret string) *http.Response {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, c.credential["token_endpoint"], strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Forwarded-For", from)
	request.SetBasicAuth(c.credential["client_id"], secret)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return answer
}

func TestFiftyGuessesAreThrottledAndTheHonestClientNoticesNothing(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	// What strangers get wrong stays limited where organisations are not.
	server := start(t, address, "serve", "--data-dir", folder, "--trusted-proxies", "127.0.0.1/32", "--rate-limit", "0")
	honest, other := customer(t, in(folder), server.url, "kereru"), customer(t, in(folder), server.url, "weka")
	const stranger, elsewhere = "203.0.113.7", "198.51.100.9"
	answers, began := map[int]int{}, time.Now()
	for range 50 {
		answer := honest.fetch(t, stranger, other.credential["client_secret"])
		if answers[answer.StatusCode]++; answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
			t.Error("a refusal does not say when to come again")
		}
		for _, from := range []string{elsewhere, stranger} {
			if answer := honest.fetch(t, from, honest.credential["client_secret"]); answer.StatusCode != http.StatusOK {
				t.Errorf("the honest client from %s: status %d", from, answer.StatusCode)
			}
		}
	}
	refused := answers[http.StatusUnauthorized]
	if most := 8 + int(time.Since(began)/(30*time.Second)); refused < 8 || refused > most || refused+answers[http.StatusTooManyRequests] != 50 {
		t.Errorf("the answers were %v; 8 to %d refusals were expected", answers, most)
	}
	if answer := honest.fetch(t, elsewhere, other.credential["client_secret"]); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("the first guess from another address: status %d", answer.StatusCode)
	}
	metrics := server.read(t, "/metrics")
	for _, want := range []string{
		`extraordinary_token_grants_total{outcome="throttled"} `,
		`extraordinary_ratelimit_decisions_total{backend="local",bucket="client_address",decision="refused"} `,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}

func TestAClientThatFetchesTokensWithoutEndIsSlowedDownUnlessLimitsAreOff(t *testing.T) {
	t.Parallel()
	fetch := func(rate string, most int) (granted int) {
		folder, address := t.TempDir(), freeAddress(t)
		server := start(t, address, "serve", "--data-dir", folder, "--rate-limit", rate)
		c := customer(t, in(folder), server.url, "kereru")
		for ; granted < most; granted++ {
			answer := c.fetch(t, "", c.credential["client_secret"])
			switch {
			case answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("RateLimit-Limit") == "100":
				return granted
			case answer.StatusCode != http.StatusOK:
				t.Fatalf("status %d, %v", answer.StatusCode, answer.Header)
			}
		}
		return granted
	}
	granted := fetch("100", 2000)
	if granted < 99 || granted == 2000 { // customer fetched one
		t.Errorf("%d tokens were granted at once", granted)
	}
	if unlimited := fetch("0", granted+50); unlimited != granted+50 {
		t.Errorf("with limits off %d tokens were granted, and then none", unlimited)
	}
}
