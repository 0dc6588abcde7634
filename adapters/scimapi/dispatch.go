package scimapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// dispatcher hands the operations of a bulk request to the handlers of single requests.
type dispatcher struct {
	api    *API
	routes []route
	who    provisioning.Caller
}

// result is what became of one operation.
type result struct {
	status   int
	id       string // of the resource
	location string
	version  string
	body     []byte // of a failure; others may be left out (RFC 7644 §3.7)
}

func (r *result) failed() bool { return r.status >= http.StatusBadRequest }

// do carries an operation out.
func (d dispatcher) do(ctx context.Context, o scim.BulkOperation) *result {
	t, id := d.address(o.Path)
	handle, err := d.handler(t, id, o.Method)
	if err != nil {
		return d.refuse(ctx, o, err)
	}
	r := &http.Request{Method: o.Method, URL: &url.URL{Path: o.Path}, Header: http.Header{}, Body: http.NoBody}
	if o.Data != nil {
		r.Body = io.NopCloser(bytes.NewReader(tree.Append(nil, o.Data)))
	}
	if o.Version != "" {
		r.Header.Set("If-Match", o.Version)
	}
	var w recorder
	if err := handle(&w, mux.SetURLVars(r.WithContext(ctx), map[string]string{"id": id}), d.who); err != nil {
		return d.refuse(ctx, o, err)
	}
	location := w.Header().Get("Location")
	if location == "" {
		location = d.api.location(t, directory.ID(id))
	}
	return &result{status: w.status, id: path.Base(location), location: location, version: w.Header().Get("ETag")}
}

// refuse gives the result of an operation that failed with err.
func (d dispatcher) refuse(ctx context.Context, o scim.BulkOperation, err error) *result {
	var w recorder
	d.api.Fail(&w, (&http.Request{}).WithContext(ctx), err)
	refused := &result{status: w.status, body: w.body}
	if t, id := d.address(o.Path); id != "" && o.Method != http.MethodPost && len(scim.BulkOperation{Path: o.Path}.References()) == 0 {
		refused.location = d.api.location(t, directory.ID(id))
	}
	return refused
}

// address reads the path of an operation: a type of resources, and of one of them the id; nil if it is no such path.
func (d dispatcher) address(path string) (t *schema.ResourceType, id string) {
	for _, t := range d.api.registry.Types {
		if path == t.Endpoint {
			return t, ""
		}
		id, found := strings.CutPrefix(path, t.Endpoint+"/")
		if found && id != "" && !strings.ContainsAny(id, "/?#") {
			return t, id
		}
	}
	return nil, ""
}

func (d dispatcher) handler(t *schema.ResourceType, id, method string) (handler, error) {
	if t == nil {
		return nil, fault.New(fault.NotFound, "a path is that of a resource, as /Users/{id}, or for POST /Users or /Groups").At("path")
	}
	template := t.Endpoint
	if id != "" {
		template += "/{id}"
	}
	for _, at := range d.routes {
		if handle := at.methods[method]; at.path == template && handle != nil {
			return handle, nil
		}
	}
	return nil, fault.New(fault.NotAllowed, "%s is not possible at %s", method, template).At("method")
}

// recorder takes the answer to one operation, and keeps the body of a failure alone: a group may have many members.
type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(p []byte) (int, error) {
	if r.status >= http.StatusBadRequest {
		r.body = append(r.body, p...)
	}
	return len(p), nil
}
