package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// writer is one client of the drill. It sends one operation after the other, each to a replica by its dice, and none
// twice.
type writer struct {
	drill      *drill
	number     int
	credential map[string]string
	http       http.Client
	dice       *rand.Rand
	token      string
	granted    int         // tokens that it has fetched
	ledger     []operation // its own
	own        []string    // users that it made and has not deleted
	loose      []string    // those of them that it has put into no group yet
	broken     []string    // answers that no outage excuses
}

// drillUsers are users that any writer may change: those that were made last.
type drillUsers struct {
	mu  sync.Mutex
	ids []string
}

func (u *drillUsers) add(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ids = append(u.ids, id); len(u.ids) > 12 {
		u.ids = u.ids[1:]
	}
}

func (u *drillUsers) pick(dice *rand.Rand) (id string, found bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.ids) == 0 {
		return "", false
	}
	return u.ids[dice.IntN(len(u.ids))], true
}

// write sends operations until ctx ends. It lets the one that it has begun come to its end.
func (w *writer) write(ctx context.Context) {
	for ctx.Err() == nil {
		if w.next() != done {
			time.Sleep(10 * time.Millisecond) // a refusal is quick, and ten thousand of them tell no more than ten
		}
	}
}

// next sends one operation that the dice choose.
func (w *writer) next() outcome {
	switch roll := w.dice.IntN(100); {
	case roll < 35:
		if id, found := w.drill.shared.pick(w.dice); found {
			return w.changeUser(id)
		}
	case roll < 55 && len(w.loose) > 0:
		id := w.loose[0]
		w.loose = w.loose[1:]
		return w.addMember(w.drill.groups[w.dice.IntN(len(w.drill.groups))], id)
	case roll < 65 && len(w.own) > 5:
		id := w.own[0]
		w.own = w.own[1:]
		w.loose = slices.DeleteFunc(w.loose, func(other string) bool { return other == id })
		return w.send(operation{does: deletion, subject: id}, http.MethodDelete, "/Users/"+id, "").outcome
	}
	return w.createUser()
}

func (w *writer) createUser() outcome {
	o := w.send(operation{does: creation}, http.MethodPost, "/Users",
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%[1]s@kereru.example","externalId":"%[1]s"}`)
	if o.outcome == done {
		w.own, w.loose = append(w.own, o.subject), append(w.loose, o.subject)
		w.drill.shared.add(o.subject)
	}
	return o.outcome
}

func (w *writer) createGroup() operation {
	return w.send(operation{does: creation}, http.MethodPost, "/Groups",
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"%[1]s","externalId":"%[1]s"}`)
}

func (w *writer) changeUser(id string) outcome {
	o := operation{does: change, subject: id, mark: itself}
	return w.send(o, http.MethodPatch, "/Users/"+id, operations("entitlements", "%[1]s")).outcome
}

func (w *writer) addMember(group, id string) outcome {
	o := operation{does: change, subject: group, mark: id}
	return w.send(o, http.MethodPatch, "/Groups/"+group, operations("members", id)).outcome
}

// operations is a PATCH of two operations, so that one done by half would show.
func operations(list, value string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
		{"op":"add","path":"` + list + `","value":[{"value":"` + value + `"}]},
		{"op":"replace","path":"externalId","value":"%[1]s"}]}`
}

// itself stands for the id of an operation that is not sent yet.
const itself = "itself"

// send writes o into the ledger, sends it, and writes what became of it. The body's verbs are given the operation's id.
func (w *writer) send(o operation, method, path, body string) operation {
	if w.token == "" && !w.fetchToken() {
		return operation{outcome: refused} // of what was not sent nothing is to be known
	}
	o.id = fmt.Sprintf("%016x%016x", w.number+1, len(w.ledger)+1)
	o.outcome = unknown
	if o.mark == itself {
		o.mark = o.id
	}
	w.ledger = append(w.ledger, o)
	if body != "" {
		body = fmt.Sprintf(body, o.id)
	}
	w.learn(&o, method, path, body)
	w.ledger[len(w.ledger)-1] = o
	if o.outcome == done {
		w.drill.confirmed.Add(1)
	}
	return o
}

// learn sends o and reads the answer.
func (w *writer) learn(o *operation, method, path, body string) {
	replica := w.drill.replicas[w.dice.IntN(len(w.drill.replicas))]
	request, err := http.NewRequest(method, "http://"+replica.address+"/scim/v2"+path, strings.NewReader(body))
	if err != nil {
		w.broken = append(w.broken, err.Error())
		return
	}
	request.Header.Set("Authorization", "Bearer "+w.token)
	request.Header.Set("Content-Type", "application/scim+json")
	request.Header.Set("Traceparent", "00-"+o.id+"-0000000000000001-00")
	answer, err := w.http.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		o.outcome = refused
	}
	if err != nil {
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch status := answer.StatusCode; {
	case status >= 200 && status < 300:
		if err == nil {
			o.outcome = done
		}
		w.note(o, answer.Header, text)
	case status == http.StatusUnauthorized: // Redis may have been killed with what it had not written yet
		o.outcome, w.token = refused, ""
	case status == http.StatusNotFound && o.does == change: // another writer has deleted the user
		o.outcome = refused
	case status == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
	default:
		w.broken = append(w.broken, fmt.Sprintf("%s was answered %d %v: %s", o, status, answer.Header, text))
	}
}

// note keeps what an answer of success told.
func (w *writer) note(o *operation, header http.Header, text []byte) {
	o.version = versionIn(header.Get("ETag"))
	var made struct{ ID string }
	if o.does == creation && json.Unmarshal(text, &made) == nil {
		o.subject = made.ID
	}
}

// versionIn reads an ETag of the form W/"4".
func versionIn(tag string) int {
	version, _ := strconv.Atoi(strings.Trim(tag, `W/"`))
	return version
}

func (w *writer) fetchToken() bool {
	form := url.Values{"grant_type": {"client_credentials"}}
	form.Set("client_id", w.credential["client_id"])
	form.Set("client_secret", w.credential["client_secret"])
	answer, err := w.http.PostForm("http://"+w.drill.replicas[0].address+"/oauth2/token", form)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var granted struct {
		Token string `json:"access_token"`
	}
	err = json.NewDecoder(answer.Body).Decode(&granted)
	switch status := answer.StatusCode; {
	case err == nil && status == http.StatusOK:
		w.token = granted.Token
		w.granted++
		return true
	case status == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
	default:
		w.broken = append(w.broken, fmt.Sprintf("the token endpoint answered %d %v, %v", status, answer.Header, err))
	}
	return false
}
