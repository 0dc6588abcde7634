package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnOrganisationThatAsksTooMuchIsSlowedDownAlone(t *testing.T) {
	t.Parallel()
	folder, address := t.TempDir(), freeAddress(t)
	server := start(t, address, "serve", "--data-dir", folder, "--rate-limit", "1")
	noisy, quiet := customer(t, in(folder), server.url, "kereru"), customer(t, in(folder), server.url, "weka")
	answers := map[int]int{}
	var refused *http.Response
	for range 12 { // the bucket holds four reads, and fills by one a second
		request, err := http.NewRequest(http.MethodGet, noisy.credential["tenant_url"]+"/Users", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+noisy.token)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answers[answer.StatusCode]++; answer.StatusCode == http.StatusTooManyRequests {
			refused = answer
		}
	}
	if answers[http.StatusOK] < 4 || answers[http.StatusTooManyRequests] == 0 || len(answers) != 2 {
		t.Fatalf("the answers were %v", answers)
	}
	for name, want := range map[string]string{"Retry-After": "1", "RateLimit-Limit": "4", "RateLimit-Remaining": "0", "Content-Type": "application/scim+json;charset=utf-8"} {
		if got := refused.Header.Get(name); got != want {
			t.Errorf("%s is %q, expected %q", name, got, want)
		}
	}
	if status, answer, err := quiet.ask("GET", "/Users", ""); status != http.StatusOK || err != nil {
		t.Errorf("the other organisation: status %d: %s %v", status, answer, err)
	}
	if _, answer, err := noisy.ask("GET", "/Users", ""); err != nil || !strings.Contains(answer, `"status":"429"`) {
		t.Errorf("the refusal reads %s %v", answer, err)
	}
}
