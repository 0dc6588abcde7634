package scimapi

import (
	"bufio"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
)

// createGroup serves POST /Groups (RFC 7644 §3.3).
func (a *API) createGroup(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	p, err := projectionOf(r, a.group)
	if err != nil {
		return err
	}
	input, err := resource(r, a.group)
	if err != nil {
		return err
	}
	group, err := a.service.CreateGroup(r.Context(), who, input)
	if err != nil {
		return err
	}
	w.Header().Set("Location", a.location(a.group, group.ID))
	if !input.Has("members") { // as Entra sends it: there is nothing more to read
		a.describe(w, group.ETag(), a.location(a.group, group.ID))
		return a.showGroup(w, http.StatusCreated, p, group.Document, nil)
	}
	return a.answerGroup(w, r, who, http.StatusCreated, p, group.ID)
}

// readGroup serves GET /Groups/{id} (RFC 7644 §3.4.1).
func (a *API) readGroup(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, p, err := a.groupAddress(r)
	if err != nil {
		return err
	}
	return a.answerGroup(w, r, who, http.StatusOK, p, id)
}

// searchGroups serves GET /Groups (RFC 7644 §3.4.2).
func (a *API) searchGroups(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	wanted, err := a.readListing(r, a.group, who)
	if err != nil {
		return err
	}
	err = a.service.SearchGroups(r.Context(), who, wanted.Search, func(page provisioning.Found, of provisioning.MembersOf) error {
		if headAlone(w, r) {
			return nil
		}
		return stream(w, http.StatusOK, func(w *bufio.Writer) error {
			w.Write(a.listed(wanted, page.Total, len(page.Documents), page.Next)) //nolint:errcheck // bufio keeps the error for Flush
			for i, group := range page.Documents {
				if i > 0 {
					w.WriteByte(',') //nolint:errcheck // bufio keeps the error for Flush
				}
				if err := a.renderGroup(w, wanted.Projection, group, of); err != nil {
					return err
				}
			}
			_, err := w.WriteString("]}")
			return err
		})
	})
	wanted.noteShape(r.Context(), err)
	return err
}

// replaceGroup serves PUT /Groups/{id} (RFC 7644 §3.5.1).
func (a *API) replaceGroup(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, p, err := a.groupAddress(r)
	if err != nil {
		return err
	}
	input, err := resource(r, a.group)
	if err != nil {
		return err
	}
	if _, err := a.service.ReplaceGroup(r.Context(), who, id, condition(r), input); err != nil {
		return err
	}
	return a.answerGroup(w, r, who, http.StatusOK, p, id)
}

// patchGroup serves PATCH /Groups/{id} (RFC 7644 §3.5.2). It answers 204: Entra prefers that, and the list of members
// may be long (entra.md §1.6). A client that names attributes gets them, as §3.5.2 wants.
func (a *API) patchGroup(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, p, err := a.groupAddress(r)
	if err != nil {
		return err
	}
	input, err := message(r)
	if err != nil {
		return err
	}
	operations, err := patch.Read(input)
	if err != nil {
		return err
	}
	group, err := a.service.PatchGroup(r.Context(), who, id, condition(r), operations)
	if err != nil {
		return err
	}
	if !p.Whole() {
		return a.answerGroup(w, r, who, http.StatusOK, p, id)
	}
	w.Header().Set("ETag", group.ETag())
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleteGroup serves DELETE /Groups/{id} (RFC 7644 §3.6).
func (a *API) deleteGroup(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	if err := a.service.DeleteGroup(r.Context(), who, id, condition(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// groupAddress reads what the address of one group says, before anything is changed.
func (a *API) groupAddress(r *http.Request) (directory.ID, scim.Projection, error) {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return "", scim.Projection{}, err
	}
	p, err := projectionOf(r, a.group)
	return id, p, err
}

// answerGroup reads a group and writes it out with its members.
func (a *API) answerGroup(w http.ResponseWriter, r *http.Request, who provisioning.Caller, status int, p scim.Projection, id directory.ID) error {
	return a.service.ReadGroup(r.Context(), who, id, func(group directory.Document, of provisioning.MembersOf) error {
		if err := matched(r, group.ETag()); err != nil {
			return err
		}
		a.describe(w, group.ETag(), a.location(a.group, group.ID))
		if notModified(w, r, group.ETag()) || headAlone(w, r) {
			return nil
		}
		return a.showGroup(w, status, p, group, of)
	})
}

// showGroup writes a group out; of may be nil if it has no members.
func (a *API) showGroup(w http.ResponseWriter, status int, p scim.Projection, group directory.Document, of provisioning.MembersOf) error {
	return stream(w, status, func(w *bufio.Writer) error { return a.renderGroup(w, p, group, of) })
}

// headAlone answers a HEAD, whose body nobody sees: members need not be read for it. How long the body of a GET would be
// is left out (RFC 9110 §8.6).
func headAlone(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodHead {
		return false
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(http.StatusOK)
	return true
}

// stream writes an answer whose length is not known before. It holds back the first 64 KiB, so that a fault until
// then is still answered as one; after that the connection is cut, so that nobody takes a part for the whole.
func stream(w http.ResponseWriter, status int, write func(*bufio.Writer) error) error {
	out := &lateHeader{ResponseWriter: w, status: status}
	buffer := bufio.NewWriterSize(out, 64<<10)
	err := write(buffer)
	if err == nil {
		err = buffer.Flush()
	}
	if err != nil && out.sent {
		panic(http.ErrAbortHandler)
	}
	return err
}

// lateHeader sends the header with the first bytes.
type lateHeader struct {
	http.ResponseWriter
	status int
	sent   bool
}

func (l *lateHeader) Write(p []byte) (int, error) {
	if !l.sent {
		l.sent = true
		l.Header().Set("Content-Type", mediaType)
		l.WriteHeader(l.status)
	}
	return l.ResponseWriter.Write(p)
}
