package scimapi

import (
	"bufio"
	"net/http"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
)

// searchAll serves GET of the Tenant URL itself: the resources of all types (RFC 7644 §3.4.2.1).
func (a *API) searchAll(w http.ResponseWriter, r *http.Request, who provisioning.Caller) error {
	values, err := parameters(r)
	if err != nil {
		return err
	}
	if values.Has("sortBy") {
		return fault.New(fault.Invalid, "cannot be used here, where users come before groups; sort at /Users or at /Groups").At("sortBy")
	}
	ofUsers, err := projection(values, a.user)
	if err != nil {
		return err
	}
	ofGroups, err := projection(values, a.group)
	if err != nil {
		return err
	}
	wanted, err := a.readPage(values, listing{}, "", who)
	if err != nil {
		return err
	}
	err = a.service.SearchAll(r.Context(), who, wanted.Search, func(all provisioning.Everything, of provisioning.MembersOf) error {
		if headAlone(w, r) {
			return nil
		}
		return stream(w, http.StatusOK, func(w *bufio.Writer) error {
			separator := ""
			w.Write(a.listed(wanted, all.Total, len(all.Users.Documents)+len(all.Groups.Documents), all.Next)) //nolint:errcheck // bufio keeps the error for Flush
			for _, user := range all.Users.Documents {
				w.WriteString(separator)                                             //nolint:errcheck // bufio keeps the error for Flush
				w.Write(a.renderUser(nil, ofUsers, user, all.Users.Groups[user.ID])) //nolint:errcheck // bufio keeps the error for Flush
				separator = ","
			}
			for _, group := range all.Groups.Documents {
				w.WriteString(separator) //nolint:errcheck // bufio keeps the error for Flush
				if err := a.renderGroup(w, ofGroups, group, of); err != nil {
					return err
				}
				separator = ","
			}
			_, err := w.WriteString("]}")
			return err
		})
	})
	wanted.noteShape(r.Context(), err)
	return err
}
