package scimapi

import (
	"net/http"
	"strings"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
)

// condition reads If-Match and If-None-Match of a request that changes a resource (RFC 7644 §3.14, RFC 9110 §13.1).
// Our tags are weak; a change that names one in If-Match is compared by its value all the same, as SCIM wants.
func condition(r *http.Request) provisioning.Condition {
	wanted, unwanted := listed(r, "If-Match"), listed(r, "If-None-Match")
	if wanted == "" && unwanted == "" {
		return nil
	}
	return func(d directory.Document) error {
		if (wanted == "" || matches(wanted, d.ETag())) && !matches(unwanted, d.ETag()) {
			return nil
		}
		return fault.New(fault.Stale, "the resource is now at version %s; read it again", d.ETag())
	}
}

// describe puts what tells of a resource into the header of an answer that holds it: its version, and the address
// that meta.location says too (RFC 7643 §3.1).
func (a *API) describe(w http.ResponseWriter, etag, location string) {
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Location", location)
}

// notModified answers 304 if r reads a resource whose version it names in If-None-Match (RFC 7644 §3.14); the header
// stands already.
func notModified(w http.ResponseWriter, r *http.Request, etag string) bool {
	if !reads(r) || !matches(listed(r, "If-None-Match"), etag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matched holds that r, if it reads a resource, gets a version that its If-Match names (RFC 9110 §13.1.1). Of what changes
// one, condition has held that before.
func matched(r *http.Request, etag string) error {
	if wanted := listed(r, "If-Match"); !reads(r) || wanted == "" || matches(wanted, etag) {
		return nil
	}
	return fault.New(fault.Stale, "the resource is now at version %s", etag)
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// listed gives the entity tags in a header, which may stand there more than once.
func listed(r *http.Request, header string) string { return strings.Join(r.Header.Values(header), ",") }

// matches reports whether a list of entity tags holds tag, or is the star that holds all.
func matches(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
