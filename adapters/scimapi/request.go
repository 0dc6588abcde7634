package scimapi

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

const (
	defaultCount = 100
	maxCount     = 200 // ServiceProviderConfig says so: filter.maxResults
)

// message reads the JSON object in r's body. Faults: Media, TooLarge, Syntax.
func message(r *http.Request) (*tree.Object, error) {
	if kind := r.Header.Get("Content-Type"); kind != "" {
		media, parameters, err := mime.ParseMediaType(kind)
		charset := parameters["charset"]
		if err != nil || media != "application/scim+json" && media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
			return nil, fault.New(fault.Media, "send application/scim+json in UTF-8")
		}
	}
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault.New(fault.TooLarge, "a message may have %d bytes", large.Limit)
	case err != nil:
		return nil, fault.New(fault.Syntax, "the message ended before it was whole")
	}
	value, err := tree.Parse(body)
	if err != nil {
		return nil, err
	}
	object, ok := value.(*tree.Object)
	if !ok {
		return nil, fault.New(fault.Syntax, "a message is a JSON object")
	}
	return object, nil
}

// resource reads a resource of type t in r's body. If it says what it is, it must be that: "schemas" names the type's own
// schema (RFC 7643 §3). Others that it names may be unknown here, since Entra sends one of its own with groups; where
// it is left out, the address says enough. Faults: as message, and Invalid at "schemas".
func resource(r *http.Request, t *schema.ResourceType) (*tree.Object, error) {
	object, err := message(r)
	if err != nil {
		return nil, err
	}
	named, _ := object.Get("schemas").(tree.List)
	for _, urn := range named {
		text, ok := urn.(string)
		if !ok || tree.SameName(text, t.Core.ID) {
			return object, nil // what is no list of texts is told by who checks all values
		}
	}
	if len(named) == 0 {
		return object, nil
	}
	return nil, fault.New(fault.Invalid, "must be a list that names %s", t.Core.ID).At("schemas")
}

// parameters reads the query; what stands there twice is refused, since it could be read in two ways.
func parameters(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the query cannot be read; percent-encode what stands in it")
	}
	for name, all := range values {
		if len(all) > 1 {
			return nil, fault.New(fault.Invalid, "it stands in the query %d times; send it once", len(all)).At(name)
		}
	}
	return values, nil
}

// listing is what a GET of a collection asks for.
type listing struct {
	provisioning.Search
	scim.Projection
	bound scim.Listing // what its cursors are good for
}

func (a *API) readListing(r *http.Request, t *schema.ResourceType, who provisioning.Caller) (listing, error) {
	values, err := parameters(r)
	if err != nil {
		return listing{}, err
	}
	order, err := scim.ParseOrder(t, values.Get("sortBy"), values.Get("sortOrder"))
	if err != nil {
		return listing{}, err
	}
	p, err := projection(values, t)
	if err != nil {
		return listing{}, err
	}
	return a.readPage(values, listing{Search: provisioning.Search{Order: order}, Projection: p}, t.Name, who)
}

// readPage reads what is filtered by, and which page is wanted of that; l has the order already.
func (a *API) readPage(values url.Values, l listing, kind string, who provisioning.Caller) (_ listing, err error) {
	if values.Has("filter") {
		if l.Filter, err = scim.Parse(values.Get("filter")); err != nil {
			return l, err
		}
	}
	// RFC 7644 §3.4.2.4: a startIndex below 1 means 1, a negative count means 0.
	start, err := number(values, "startIndex", 1)
	if err != nil {
		return l, err
	}
	l.Offset = max(start, 1) - 1
	count, err := number(values, "count", defaultCount)
	if err != nil {
		return l, err
	}
	l.Limit = min(max(count, 0), maxCount)
	if values.Has("cursor") {
		err = a.readCursor(&l, values, kind, who)
	}
	return l, err
}

// noteShape tells trace and log what was searched by, without the values. A filter that fits no schema is left out:
// what stands there for an attribute's name is whatever the client wrote. err is what became of the search.
func (l listing) noteShape(ctx context.Context, err error) {
	if l.Filter != nil && !errors.Is(err, fault.InvalidFilter) {
		telemetry.FilterShape(ctx, scim.Shape(l.Filter))
	}
}

func number(values url.Values, name string, otherwise int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // n is then the last number on that side, which means the same
		return 0, fault.New(fault.Invalid, "%q is no whole number", text).At(name)
	}
	return int(n), nil
}

func projection(values url.Values, t *schema.ResourceType) (scim.Projection, error) {
	return scim.ParseProjection(t, values.Get("attributes"), values.Get("excludedAttributes"))
}

// projectionOf reads the projection of a request for one resource.
func projectionOf(r *http.Request, t *schema.ResourceType) (scim.Projection, error) {
	values, err := parameters(r)
	if err != nil {
		return scim.Projection{}, err
	}
	p, err := projection(values, t)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		p = p.Written()
	}
	return p, err
}
