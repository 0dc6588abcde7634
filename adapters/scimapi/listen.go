package scimapi

import (
	"io"
	"net/http"
	"strings"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/traffic"
)

// listener keeps the beginning of a request and of its answer.
type listener struct {
	http.ResponseWriter
	r              *http.Request
	status         int
	most           int // bytes of the answer that are kept
	sent, answered []byte
}

// listen puts itself between r and whoever reads it, and between w and whoever writes it.
func listen(w http.ResponseWriter, r *http.Request) (http.ResponseWriter, *listener) {
	l := &listener{ResponseWriter: w, r: r, most: traffic.Most}
	if r.Method == http.MethodGet { // a page is not read: an empty one, or a refusal, is short
		l.most = 2 << 10
	}
	if r.Body != nil && r.ContentLength != 0 {
		r.Body = heard{r.Body, l}
	}
	return l, l
}

// heard is a body of which the beginning is kept.
type heard struct {
	io.ReadCloser
	l *listener
}

func (h heard) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	h.l.sent = keep(h.l.sent, p[:n], traffic.Most)
	return n, err
}

func keep(kept, more []byte, most int) []byte {
	return append(kept, more[:min(len(more), most-len(kept))]...)
}

// WriteHeader is http.ResponseWriter's.
func (l *listener) WriteHeader(status int) {
	l.status = status
	l.ResponseWriter.WriteHeader(status)
}

// Write is http.ResponseWriter's.
func (l *listener) Write(p []byte) (int, error) {
	l.answered = keep(l.answered, p, l.most)
	return l.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (l *listener) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// raw is what was heard. path is the template of the route.
func (l *listener) raw(a *API, who provisioning.Caller, path string) traffic.Raw {
	status := l.status
	if status == 0 {
		status = http.StatusOK
	}
	below := strings.TrimPrefix(l.r.URL.Path, Prefix)
	theirs := l.r.Header.Get("client-request-id")
	if theirs == "" {
		theirs = l.r.Header.Get("traceparent")
	}
	return traffic.Raw{
		At: a.now(), ClientID: who.ClientID, KeyID: who.KeyID, Method: l.r.Method, Path: below, Route: path, Filter: l.r.URL.Query().Get("filter"),
		Status: status, Request: l.sent, Response: l.answered, Trace: telemetry.TraceID(l.r.Context()), Theirs: theirs[:min(len(theirs), 128)],
	}
}
