package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/extraordinary/provisioning/adapters/entra"
)

// trouble sends what goes wrong at real customers, so that the portal's log, its problems and the health of Employee IDs
// have something to show: a wrong secret, a name that is taken, a value that cannot be, people without an Employee ID, with
// one that another has, with one that is too long, and with an attribute that we do not keep.
func (s system) trouble(ctx context.Context, job entra.Job) error {
	if _, err := s.token(ctx, job, "not-the-secret"); err != nil {
		return err
	}
	token, err := s.token(ctx, job, job.ClientSecret)
	if err != nil {
		return err
	}
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s","displayName":"%s","active":true%s}`
	for _, body := range []string{
		fmt.Sprintf(user, "tom.reed@kereru.example", "Tom Reed", `,"externalId":"004711"`),
		fmt.Sprintf(user, "tim.reed@kereru.example", "Tim Reed", `,"externalId":"004711"`),
		fmt.Sprintf(user, "Tom.Reed@kereru.example", "Tom Reed the younger", `,"externalId":"004712"`),
		fmt.Sprintf(user, "hana.walker@kereru.example", "Hana Walker", ``),
		fmt.Sprintf(user, "wiremu.smith@kereru.example", "Wiremu Smith", `,"externalId":"EMP-2024-00017"`),
		fmt.Sprintf(user, "ana.roy@kereru.example", "Ana Roy", `,"externalId":"004713","costCentre":"Law"`),
		strings.Replace(fmt.Sprintf(user, "noah.king@kereru.example", "Noah King", `,"externalId":"004714"`), `"active":true`, `"active":"maybe"`, 1),
	} {
		if err := s.send(ctx, job, token, body); err != nil {
			return err
		}
	}
	return nil
}

// token asks for one with a secret; a refusal gives none, and is no error.
func (s system) token(ctx context.Context, job entra.Job, secret string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {job.ClientID}, "client_secret": {secret}}
	var granted struct {
		Token string `json:"access_token"`
	}
	err := s.exchange(ctx, job.TokenEndpoint, "application/x-www-form-urlencoded", "", form.Encode(), &granted)
	return granted.Token, err
}

// send creates a user; what is refused stands in the log.
func (s system) send(ctx context.Context, job entra.Job, token, body string) error {
	var answer struct{}
	return s.exchange(ctx, job.TenantURL+"/Users", "application/scim+json", "Bearer "+token, body, &answer)
}

// exchange posts body and reads the JSON of the answer, whatever its status.
func (system) exchange(ctx context.Context, address, media, authorization, body string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", media)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
