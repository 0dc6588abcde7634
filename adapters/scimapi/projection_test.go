package scimapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const (
	projectedUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"pia@kereru.nz","title":"Pilot",
		"name":{"givenName":"Pia","familyName":"Ora"},
		"emails":[{"type":"work","value":"pia@kereru.nz"},{"type":"home","value":"pia@home.example"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Air","division":"North","manager":{"value":"9"}}}`
	always = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"{{id}}"`
)

// projections is what is left of projectedUser, besides what is always returned (RFC 7644 §3.9). Every name may be
// written in any case, with its URN, and be one that nobody knows.
var projections = map[string]string{
	"attributes=userName":                 `"userName":"pia@kereru.nz"`,
	"attributes=USERNAME":                 `"userName":"pia@kereru.nz"`,
	"attributes=userName,title":           `"userName":"pia@kereru.nz","title":"Pilot"`,
	"attributes=title, userName":          `"userName":"pia@kereru.nz","title":"Pilot"`,
	"attributes=id":                       ``,
	"attributes=nothing":                  ``,
	"attributes=password":                 ``,
	"attributes=groups":                   ``,
	"attributes=name":                     `"name":{"givenName":"Pia","familyName":"Ora"}`,
	"attributes=name.givenName":           `"name":{"givenName":"Pia"}`,
	"attributes=name.middleName":          ``,
	"attributes=name.givenName,name":      `"name":{"givenName":"Pia","familyName":"Ora"}`,
	"attributes=emails.value":             `"emails":[{"value":"pia@kereru.nz"},{"value":"pia@home.example"}]`,
	"attributes=emails.display":           ``,
	"attributes=meta.version":             `"meta":{"version":"{{version}}"}`,
	"attributes=manager":                  `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"9"}}`,
	"attributes={{enterprise}}":           `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Air","division":"North","manager":{"value":"9"}}`,
	"attributes={{enterprise}}:division":  `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"North"}`,
	"attributes={{core}}:title":           `"title":"Pilot"`,
	"attributes={{core}}:name.familyName": `"name":{"familyName":"Ora"}`,

	"excludedAttributes=emails,name,meta,{{enterprise}}":                  `"userName":"pia@kereru.nz","title":"Pilot"`,
	"excludedAttributes=emails,name,meta,manager,department,title":        `"userName":"pia@kereru.nz","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"North"}`,
	"excludedAttributes=emails.type,name.givenName,meta,{{enterprise}}":   `"userName":"pia@kereru.nz","title":"Pilot","name":{"familyName":"Ora"},"emails":[{"value":"pia@kereru.nz"},{"value":"pia@home.example"}]`,
	"excludedAttributes=emails,name.givenName,name.familyName,meta,title": `"userName":"pia@kereru.nz","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Air","division":"North","manager":{"value":"9"}}`,
	// What is always returned cannot be excluded.
	"excludedAttributes=id,schemas,emails,name,meta,{{enterprise}},nothing": `"userName":"pia@kereru.nz","title":"Pilot"`,
}

func TestAnAnswerHoldsTheAttributesThatWereAskedFor(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for projection, left := range projections {
		t.Run(projection, func(t *testing.T) {
			t.Parallel()
			who := s.newTenant(t)
			query := "?" + encoded(projection)
			want := map[string]any{}
			parse(t, strings.TrimSuffix("{"+always+","+left, ",")+"}", &want)
			id := ""
			for _, request := range []struct{ method, path, body string }{
				{"POST", "/Users" + query, projectedUser},
				{"GET", "/Users/{{id}}" + query, ""},
				{"PATCH", "/Users/{{id}}" + query, `{"Operations":[{"op":"replace","path":"active","value":true},{"op":"remove","path":"active"}]}`},
				{"PUT", "/Users/{{id}}" + query, projectedUser},
				{"GET", "/Users" + query, ""},
				{"GET", "/Users" + query + "&filter=userName+eq+%22pia%40kereru.nz%22", ""},
			} {
				heard, err := who.send(request.method, strings.ReplaceAll(request.path, "{{id}}", id), nil, []byte(request.body))
				must(t, err)
				var got map[string]any
				parse(t, string(heard.body), &got)
				if page, isList := got["Resources"].([]any); isList {
					got, _ = page[0].(map[string]any)
				}
				known := map[string]string{}
				if err := same("body", want, got, known); err != nil {
					t.Errorf("%s %s: %v", request.method, request.path, err)
				}
				if id == "" {
					id = known["id"]
				}
			}
		})
	}
}

func encoded(projection string) string {
	name, names, _ := strings.Cut(projection, "=")
	names = strings.ReplaceAll(names, "{{enterprise}}", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
	names = strings.ReplaceAll(names, "{{core}}", "urn:ietf:params:scim:schemas:core:2.0:User")
	return url.Values{name: {names}}.Encode()
}

func parse(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

func TestAGroupIsAnsweredWithTheMembersThatWereAskedFor(t *testing.T) {
	t.Parallel()
	who := newServer(t).newTenant(t)
	known := map[string]string{"base": who.base}
	ask := func(request, body, want string) {
		t.Helper()
		method, path, _ := strings.Cut(fill(request, known), " ")
		heard, err := who.send(method, path, nil, []byte(fill(body, known)))
		must(t, err)
		if err := sameBody(json.RawMessage(want), heard.body, known); err != nil || heard.status >= http.StatusBadRequest {
			t.Errorf("%s: %d %v", request, heard.status, err)
		}
	}
	const group = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"{{group}}"`
	const members = `"members":[{"value":"{{user}}","$ref":"{{base}}/Users/{{user}}","type":"User"}]`
	const nobody = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Pilots","members":[{"value":"{{user}}"}]}`
	ask("POST /Users", `{"userName":"pia@kereru.nz"}`, `{"id":"{{user}}","...":"..."}`)
	ask("POST /Groups?excludedAttributes=members", nobody, `{`+group+`,"displayName":"Pilots","meta":"*"}`)
	for query, want := range map[string]string{
		"":                                       `{` + group + `,"displayName":"Pilots",` + members + `,"meta":"*"}`,
		"?excludedAttributes=members":            `{` + group + `,"displayName":"Pilots","meta":"*"}`,
		"?excludedAttributes=MEMBERS":            `{` + group + `,"displayName":"Pilots","meta":"*"}`,
		"?excludedAttributes=members,meta":       `{` + group + `,"displayName":"Pilots"}`,
		"?excludedAttributes=members.value,meta": `{` + group + `,"displayName":"Pilots","members":[{"$ref":"{{base}}/Users/{{user}}","type":"User"}]}`,
		"?excludedAttributes=displayName,meta":   `{` + group + `,` + members + `}`,
		"?attributes=members":                    `{` + group + `,` + members + `}`,
		"?attributes=members.value":              `{` + group + `,"members":[{"value":"{{user}}"}]}`,
		"?attributes=displayName":                `{` + group + `,"displayName":"Pilots"}`,
		"?attributes=displayName,members.type":   `{` + group + `,"displayName":"Pilots","members":[{"type":"User"}]}`,
		"?attributes=id":                         `{` + group + `}`,
	} {
		ask("GET /Groups/{{group}}"+query, "", want)
		ask("GET /Groups"+query, "", `{"Resources":[`+want+`],"...":"..."}`)
		ask("PUT /Groups/{{group}}"+query, nobody, want)
	}
	const same = `{"Operations":[{"op":"add","path":"members","value":[{"value":"{{user}}"}]}]}`
	ask("PATCH /Groups/{{group}}", same, `""`)
	ask("PATCH /Groups/{{group}}?attributes=displayName", same, `{`+group+`,"displayName":"Pilots"}`)
	ask("PATCH /Groups/{{group}}?excludedAttributes=members", same, `{`+group+`,"displayName":"Pilots","meta":"*"}`)
}
