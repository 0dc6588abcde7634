package scimapi

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/scim/patch"
)

// createUser serves POST /Users (RFC 7644 §3.3).
func (a *API) createUser(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	p, err := projectionOf(r, a.user)
	if err != nil {
		return err
	}
	input, err := resource(r, a.user)
	if err != nil {
		return err
	}
	user, err := a.service.CreateUser(r.Context(), who, input)
	if err != nil {
		return err
	}
	w.Header().Set("Location", a.location(a.user, user.ID))
	return a.answerUser(w, r, p, http.StatusCreated, user.Document, nil)
}

// readUser serves GET /Users/{id} (RFC 7644 §3.4.1).
func (a *API) readUser(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, p, err := a.userAddress(r)
	if err != nil {
		return err
	}
	user, groups, err := a.service.ReadUser(r.Context(), who, id, p.Omits("groups"))
	if err != nil {
		return err
	}
	return a.answerUser(w, r, p, http.StatusOK, user, groups)
}

// searchUsers serves GET /Users (RFC 7644 §3.4.2).
func (a *API) searchUsers(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	wanted, err := a.readListing(r, a.user, who)
	if err != nil {
		return err
	}
	wanted.Search.Alone = wanted.Projection.Omits("groups")
	found, err := a.service.SearchUsers(r.Context(), who, wanted.Search)
	wanted.noteShape(r.Context(), err)
	if err != nil {
		return err
	}
	body := a.listed(wanted, found.Total, len(found.Documents), found.Next)
	for i, user := range found.Documents {
		if i > 0 {
			body = append(body, ',')
		}
		body = a.renderUser(body, wanted.Projection, user, found.Groups[user.ID])
	}
	send(w, http.StatusOK, append(body, "]}"...))
	return nil
}

// replaceUser serves PUT /Users/{id} (RFC 7644 §3.5.1).
func (a *API) replaceUser(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, p, err := a.userAddress(r)
	if err != nil {
		return err
	}
	input, err := resource(r, a.user)
	if err != nil {
		return err
	}
	user, err := a.service.ReplaceUser(r.Context(), who, id, condition(r), input)
	if err != nil {
		return err
	}
	return a.answerUser(w, r, p, http.StatusOK, user.Document, user.Groups)
}

// patchUser serves PATCH /Users/{id} (RFC 7644 §3.5.2). It answers 200 with the resource: Microsoft's validator wants
// it so of users (entra.md §1.3).
func (a *API) patchUser(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, p, err := a.userAddress(r)
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
	user, err := a.service.PatchUser(r.Context(), who, id, condition(r), operations)
	if err != nil {
		return err
	}
	return a.answerUser(w, r, p, http.StatusOK, user.Document, user.Groups)
}

// deleteUser serves DELETE /Users/{id} (RFC 7644 §3.6).
func (a *API) deleteUser(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	if err := a.service.DeleteUser(r.Context(), who, id, condition(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// userAddress reads what the address of one user says, before anything is changed.
func (a *API) userAddress(r *http.Request) (directory.ID, scim.Projection, error) {
	id, err := directory.ParseID(mux.Vars(r)["id"])
	if err != nil {
		return "", scim.Projection{}, err
	}
	p, err := projectionOf(r, a.user)
	return id, p, err
}

func (a *API) answerUser(w http.ResponseWriter, r *http.Request, p scim.Projection, status int, user directory.Document, groups []directory.Member) error {
	if err := matched(r, user.ETag()); err != nil {
		return err
	}
	a.describe(w, user.ETag(), a.location(a.user, user.ID))
	if notModified(w, r, user.ETag()) {
		return nil
	}
	send(w, status, a.renderUser(nil, p, user, groups))
	return nil
}
