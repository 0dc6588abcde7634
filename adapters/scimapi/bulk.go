package scimapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// MaxBody is the size in bytes of the largest message, as the mount is to hold it (RFC 7644 §3.7.4). The other limit,
// scim.MaxBulkOperations, takes half of an organisation's burst at the standard rate, and is done long before the time
// for an answer has run out.
const MaxBody = 1 << 20

const bulkResponseURN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

// bulk serves POST /Bulk (RFC 7644 §3.7). Each operation goes to the handler that a request of its own would go to: it
// is authorised, takes its share, is one unit of work and has its line in the journal.
func (a *API) bulk(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	input, err := message(r)
	if err != nil {
		return err
	}
	wanted, err := scim.ReadBulk(input)
	if err != nil {
		return err
	}
	telemetry.BulkOperations(r.Context(), len(wanted.Operations))
	j := &job{
		dispatcher: dispatcher{a, a.routes(), who}, w: w, r: r, wanted: wanted,
		made: map[string]string{}, results: make([]*result, len(wanted.Operations)),
	}
	for _, step := range wanted.Order() {
		if wanted.FailOnErrors > 0 && j.failed >= wanted.FailOnErrors {
			break
		}
		j.carryOut(step)
	}
	send(w, http.StatusOK, j.answer())
	return nil
}

// job is a bulk request on its way.
type job struct {
	dispatcher
	w       http.ResponseWriter // of the whole answer
	r       *http.Request       // the whole request
	wanted  scim.Bulk
	made    map[string]string // ids of resources by the bulkId that stands for them
	results []*result         // by operation; nil for what was not begun
	failed  int
	begun   bool  // the share of the first operation was taken with the whole request
	refused error // why no more operations are let in
}

// carryOut does one step of the order: one operation, or those of a circle. Of a circle all are done or none: what is
// made without a reference that has to wait is completed when all are there, or else taken away again.
func (j *job) carryOut(step []int) {
	waiting, whole := map[int]*tree.Object{}, true
	for _, i := range step {
		if !whole {
			j.results[i] = j.inBrokenCircle()
			continue
		}
		waiting[i] = j.begin(i, step)
		whole = !j.results[i].failed()
	}
	for _, i := range step {
		if whole && waiting[i].Len() > 0 {
			whole = j.complete(i, waiting[i])
		}
	}
	for _, i := range step {
		if !whole {
			j.undo(i)
		}
		if j.results[i].failed() {
			j.failed++
		}
	}
}

// begin does operation i but for what has to wait for others of its step, which it gives back.
func (j *job) begin(i int, step []int) (waits *tree.Object) {
	operation := j.wanted.Operations[i]
	err := j.admit()
	if err == nil {
		err = operation.Fault
	}
	if err == nil && operation.Makes() {
		operation.Data, waits = scim.Divide(operation.Data, func(id string) bool { return j.pending(id, step) })
	}
	if err == nil {
		operation, err = j.wanted.Resolve(operation, j.made)
	}
	if err != nil {
		j.results[i] = j.refuse(j.r.Context(), operation, err)
		return nil
	}
	done := j.do(j.r.Context(), operation)
	j.results[i] = done
	if operation.Makes() && !done.failed() {
		j.made[operation.BulkID] = done.id
	}
	return waits
}

// admit lets one more operation in. After one that was refused none is, even if the organisation has a share again by
// then: an operation must not overtake the one before it, and the client sends all of them again.
func (j *job) admit() error {
	if j.begun && j.refused == nil {
		_, j.refused = j.api.caller(j.w, j.r, false)
	}
	j.begun = true
	return j.refused
}

// pending reports whether an operation of step is still to make what id stands for.
func (j *job) pending(id string, step []int) bool {
	for _, i := range step {
		if o := j.wanted.Operations[i]; o.Makes() && o.BulkID == id {
			return j.made[id] == ""
		}
	}
	return false
}

// complete adds to what operation i made what had to wait for others, and reports whether it could.
func (j *job) complete(i int, waited *tree.Object) bool {
	operation, err := j.wanted.Resolve(scim.BulkOperation{
		Method: http.MethodPatch, Path: j.wanted.Operations[i].Path + "/" + j.results[i].id,
		Data: object(member("Operations", tree.List{
			object(member("op", "add"), member("value", waited)),
		})),
	}, j.made)
	if err != nil {
		j.results[i] = j.refuse(j.r.Context(), j.wanted.Operations[i], err)
		return false
	}
	done := j.do(j.r.Context(), operation)
	if done.failed() {
		done.location = "" // there is none of a POST that failed
		j.results[i] = done
		return false
	}
	j.results[i].version = done.version
	return true
}

// undo takes away what operation i made, even if the client has gone.
func (j *job) undo(i int) {
	operation := j.wanted.Operations[i]
	id := j.made[operation.BulkID]
	if !operation.Makes() || id == "" {
		return
	}
	delete(j.made, operation.BulkID)
	gone := j.do(context.WithoutCancel(j.r.Context()), scim.BulkOperation{Method: http.MethodDelete, Path: operation.Path + "/" + id})
	switch {
	case gone.failed() && gone.status != http.StatusNotFound:
		j.results[i] = gone // with its location: it is still there
	case !j.results[i].failed():
		j.results[i] = j.inBrokenCircle()
	}
}

func (j *job) inBrokenCircle() *result {
	return j.refuse(j.r.Context(), scim.BulkOperation{},
		fault.New(fault.Unresolved, "it and others refer to each other in a circle, and one of them failed, so that none was made"))
}

// answer renders a BulkResponse with what was begun, in the order of the request.
func (j *job) answer() []byte {
	answer := []byte(`{"schemas":["` + bulkResponseURN + `"],"Operations":[`)
	separator := ""
	for i, done := range j.results {
		if done == nil {
			continue
		}
		head := object()
		for _, field := range []struct{ name, text string }{
			{"method", j.wanted.Operations[i].Method},
			{"bulkId", j.wanted.Operations[i].BulkID},
			{"version", done.version},
			{"location", done.location},
			{"status", strconv.Itoa(done.status)},
		} {
			if field.text != "" {
				head.Set(field.name, field.text)
			}
		}
		answer = tree.Append(append(answer, separator...), head)
		if done.failed() {
			answer = append(answer[:len(answer)-1], `,"response":`...)
			answer = append(append(answer, done.body...), '}')
		}
		separator = ","
	}
	return append(answer, "]}"...)
}
