package entra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// Failure is an answer that Entra does not accept. It concerns one object; the cycle goes on and the next one retries.
type Failure struct {
	Object   string `json:"object"`
	Cycle    int    `json:"cycle"`
	Method   string `json:"method"`
	Path     string `json:"path"`   // with {id} and … in the place of values
	Status   int    `json:"status"` // 0: no answer
	SCIMType string `json:"scim_type,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Repaired bool   `json:"repaired"` // the object went through later
}

func (f *Failure) Error() string {
	var b strings.Builder
	if f.Object != "" {
		fmt.Fprintf(&b, "%s: ", f.Object)
	}
	fmt.Fprintf(&b, "%s %s ", f.Method, f.Path)
	if f.Status == 0 {
		b.WriteString("got no answer")
	} else {
		fmt.Fprintf(&b, "answered %d", f.Status)
	}
	if f.SCIMType != "" {
		fmt.Fprintf(&b, " %s", f.SCIMType)
	}
	if f.Detail != "" {
		fmt.Fprintf(&b, ": %s", f.Detail)
	}
	return b.String()
}

func (r request) failure(status int, scimType, detail string) *Failure {
	return &Failure{Method: r.method, Path: r.template, Status: status, SCIMType: printable(scimType), Detail: printable(detail)}
}

// refusal reads an error of RFC 7644 §3.12. A filter that answers 404 where an empty list was due stops the whole job
// (entra.md 1.1 and 1.8).
func refusal(r request, a answer) error {
	var document struct {
		SCIMType string `json:"scimType"`
		Detail   string `json:"detail"`
	}
	if json.Unmarshal(a.body.Bytes(), &document) != nil {
		document.SCIMType, document.Detail = "", "not an error of SCIM: "+string(a.body.Next(1000))
	}
	f := r.failure(a.status, document.SCIMType, document.Detail)
	if a.status == http.StatusNotFound && strings.Contains(r.template, "filter=") {
		return &Quarantine{Reason: f.Error() + " (200 with an empty list is the answer to a filter that matches nothing)"}
	}
	return f
}

// printable makes a server's text fit for one line of a terminal.
func printable(s string) string {
	const most = 300
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strings.TrimSpace(s)
}
