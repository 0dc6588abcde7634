package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// largestAnswer bounds what is read of one answer, in bytes: a group of 100,000 members fits.
const largestAnswer = 64 << 20

// wire sends requests, measures them and judges the status of what comes back.
type wire struct {
	address address
	client  *http.Client
	tokens  *tokens
	meter   *meter
	now     func() time.Time
	wait    func(context.Context, time.Duration) error
	buffers sync.Pool // of *bytes.Buffer
}

// request is one SCIM request. The template stands for the path and query in messages, so that those hold no values.
type request struct {
	step     step
	method   string
	template string
	url      string
	body     any // nil: none
	expect   []int
}

type answer struct {
	status int
	header http.Header
	body   *bytes.Buffer // given back by release
	took   time.Duration
}

// send does r and decodes the body into into, if there is one and into is not nil. The status is one that r expects;
// any other answer is a *Failure, and what Entra would stop the job for is a *Quarantine.
func (w *wire) send(ctx context.Context, r request, into any) (status int, err error) {
	var body []byte
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return 0, err
		}
	}
	a, err := w.authorised(ctx, r, body)
	if err != nil {
		return 0, err
	}
	defer w.release(a)
	if !slices.Contains(r.expect, a.status) {
		w.meter.wrong(r.step)
		return 0, refusal(r, a)
	}
	if into != nil && a.status < 300 && a.body.Len() > 0 {
		if err := json.Unmarshal(a.body.Bytes(), into); err != nil {
			w.meter.wrong(r.step)
			return 0, r.failure(a.status, "", "the body is not the JSON that SCIM prescribes: "+err.Error())
		}
	}
	w.meter.right(r.step, a.took)
	return a.status, nil
}

// authorised sends r with the job's token; one that is refused is replaced once.
func (w *wire) authorised(ctx context.Context, r request, body []byte) (answer, error) {
	for renewed := false; ; renewed = true {
		token, err := w.tokens.get(ctx, w)
		if err != nil {
			return answer{}, err
		}
		a, err := w.patiently(ctx, r.step, func() (*http.Request, error) { return r.http(ctx, token, body) })
		if err != nil {
			if ctx.Err() != nil {
				return answer{}, context.Cause(ctx)
			}
			w.meter.wrong(r.step)
			return answer{}, r.failure(0, "", err.Error())
		}
		if a.status != http.StatusUnauthorized {
			return a, nil
		}
		w.release(a)
		w.tokens.refused(token)
		if renewed {
			w.meter.wrong(r.step)
			return answer{}, &Quarantine{Reason: fmt.Sprintf("%s %s answered 401 to a token that was just issued", r.method, r.template)}
		}
	}
}

func (r request) http(ctx context.Context, token string, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	h, err := http.NewRequestWithContext(ctx, r.method, r.url, reader)
	if err != nil {
		return nil, err
	}
	h.Header.Set("Authorization", "Bearer "+token)
	h.Header.Set("Accept", "application/scim+json")
	if body != nil {
		h.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	return h, nil
}

// once sends one HTTP request and reads the whole answer, so that the connection can be used again.
func (w *wire) once(of step, r *http.Request) (answer, error) {
	r.Header.Set("User-Agent", "extraordinary-simulate-entra")
	begin := w.now()
	response, err := w.client.Do(r)
	if err != nil {
		w.meter.answered(of, 0)
		// The URL in the error holds names; the caller says which request it was.
		if at := (*url.Error)(nil); errors.As(err, &at) {
			err = at.Err
		}
		return answer{}, err
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header, body: w.buffers.Get().(*bytes.Buffer)}
	_, err = a.body.ReadFrom(io.LimitReader(response.Body, largestAnswer+1))
	if err == nil && a.body.Len() > largestAnswer {
		err = fmt.Errorf("the answer is larger than %d MiB", largestAnswer>>20)
	}
	a.took = w.now().Sub(begin)
	w.meter.answered(of, a.status)
	if err != nil {
		w.release(a)
		return answer{}, err
	}
	return a, nil
}

func (w *wire) release(a answer) {
	a.body.Reset()
	w.buffers.Put(a.body)
}
