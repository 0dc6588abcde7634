package scimapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

const searchURN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

// searchParameters are what a search request may say (RFC 7644 §3.4.3), in a query and in a body alike.
var searchParameters = []string{
	"attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count", "cursor",
}

// asQuery makes a handler of POST …/.search out of that of GET (RFC 7644 §3.4.3): what the body says takes the place of
// the query, so that personal data need not stand in an address (§7.5.2), and the two cannot differ.
func asQuery(get handler) handler {
	return func(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
		if r.URL.RawQuery != "" {
			return fault.New(fault.Invalid, "a search request says everything in its body; leave the query empty")
		}
		body, err := message(r)
		if err != nil {
			return err
		}
		values, err := searchRequest(body)
		if err != nil {
			return err
		}
		asked := r.Clone(r.Context())
		asked.URL.RawQuery = values.Encode()
		return get(w, asked, who)
	}
}

// searchRequest reads a search request as the query that says the same. What else the body holds is ignored. Faults,
// at the member to blame: Syntax for another message, Invalid.
func searchRequest(body *tree.Object) (url.Values, error) {
	if !names(body.Get("schemas"), searchURN) {
		return nil, fault.New(fault.Syntax, "a search request has the schema %s", searchURN).At("schemas")
	}
	values := url.Values{}
	for _, name := range searchParameters {
		switch v := body.Get(name).(type) {
		case nil:
		case string:
			values.Set(name, v)
		case tree.Number:
			values.Set(name, string(v))
		case tree.List:
			joined, err := attributeNames(v)
			if err != nil {
				return nil, err.At(name)
			}
			values.Set(name, joined)
		default:
			return nil, fault.New(fault.Invalid, "can be a text, a number, or a list of texts").At(name)
		}
	}
	return values, nil
}

func attributeNames(list tree.List) (string, *fault.Error) {
	var all []string
	for _, v := range list {
		name, ok := v.(string)
		if !ok {
			return "", fault.New(fault.Invalid, "is a list of attribute names, each a text")
		}
		all = append(all, name)
	}
	return strings.Join(all, ","), nil
}

// names reports whether schemas, a list of URNs, has urn in it.
func names(schemas tree.Value, urn string) bool {
	list, _ := schemas.(tree.List)
	for _, v := range list {
		if name, ok := v.(string); ok && tree.SameName(name, urn) {
			return true
		}
	}
	return false
}

// me serves /Me (RFC 7644 §3.11). Whoever signs in here does so as a client (RFC 6749 §4.4) and not as a person, so
// that there is no resource for it to be an alias of.
func me(http.ResponseWriter, *http.Request, provisioning.Caller) error {
	return fault.New(fault.Unsupported, "a client signs in here and no user, so that /Me is nobody; find users at /Users")
}
