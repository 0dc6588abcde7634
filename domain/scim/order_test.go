package scim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// staff are five people, whose ids are their places in it. What one has, another has not.
var staff = []string{
	`{"userName":"bo","displayName":"éa","active":true,"name":{"givenName":"Ann"},"externalId":"b","emails":[{"value":"z@x"},{"value":"a@x","primary":true}]}`,
	`{"userName":"Al","displayName":"Z","active":false,"externalId":"B","emails":[{"value":"M@x"},{"value":"a@x"}],"urn:example:payroll:1.0":{"grade":10,"tags":["b","a"],"since":"2026-01-01T00:00:00+01:00"}}`,
	`{"userName":"cy","displayName":"a","externalId":"a","urn:example:payroll:1.0":{"grade":9,"hours":7.5,"tags":["a"],"since":"2026-01-01T00:00:00Z"}}`,
	`{"userName":"Di","name":{"givenName":"ann"},"emails":[{"type":"work"},{"value":"0@x"}]}`,
	`{"userName":"ed","displayName":"A","active":true,"urn:example:payroll:1.0":{"hours":38,"seal":"AA=="},"emails":[{"value":"b@x","primary":false}]}`,
}

func sorted(t *testing.T, order scim.Order) string {
	t.Helper()
	of := payroll().Type("User")
	var positions []scim.Position
	for i, text := range staff {
		v, err := tree.Parse([]byte(text))
		require.NoError(t, err)
		o, _ := v.(*tree.Object)
		positions = append(positions, order.Position(scim.Subject{ID: fmt.Sprint(i), Version: fmt.Sprint(9 - i), Search: of.Search(o)}))
	}
	slices.Reverse(positions)
	slices.SortStableFunc(positions, order.Compare)
	var ids []string
	for _, p := range positions {
		ids = append(ids, p.ID)
	}
	return strings.Join(ids, "")
}

// TestResourcesAreSortedByAnyAttribute holds RFC 7644 §3.4.2.3.
func TestResourcesAreSortedByAnyAttribute(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ by, want string }{
		"by id without an attribute":              {"", "01234"},
		"by a text without regard to case":        {"userName", "10234"},
		"by an attribute in any case, with a URN": {"URN:ietf:params:scim:schemas:core:2.0:user:USERNAME", "10234"},
		"by a text of exact case":                 {"externalId", "12034"},
		"by code points, equal ones by id":        {"displayName", "24103"},
		"by a boolean, false first":               {"active", "10423"},
		"by a sub-attribute":                      {"name.givenName", "03124"},
		"by a number and not its digits":          {"urn:example:payroll:1.0:grade", "21034"},
		"by a decimal number":                     {"hours", "24013"},
		"by a moment and not its text":            {"since", "12034"},
		"by a binary value":                       {"seal", "40123"},
		"by the first of many texts":              {"tags", "21034"},
		"by the primary element, else the first":  {"emails.value", "04123"},
		"by the value of a complex attribute":     {"emails", "04123"},
		"by what the first element has not":       {"emails.type", "30124"},
		"by version":                              {"meta.version", "43210"},
		"by what all have alike, which is the id": {"meta.resourceType", "01234"},
		"by the location, which ends with the id": {"meta.location", "01234"},
		"by the id":          {"id", "01234"},
		"by what nobody has": {"nickName", "01234"},
		"by an attribute of an extension, by name": {"grade", "21034"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, direction := range []string{"", "ascending", "Ascending"} {
				order, err := scim.ParseOrder(payroll().Type("User"), test.by, direction)
				require.NoError(t, err)
				assert.Equal(t, test.want, sorted(t, order), direction)
			}
			order, err := scim.ParseOrder(payroll().Type("User"), test.by, "descending")
			require.NoError(t, err)
			if test.by != "" {
				ids := []byte(test.want)
				slices.Reverse(ids)
				test.want = string(ids)
			}
			assert.Equal(t, test.want, sorted(t, order), "descending")
		})
	}
}

func TestAnOrderThatCannotBeReadIsRefusedWithTheParameterToBlame(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ by, direction, blamed string }{
		"an unknown attribute":          {"shoeSize", "", "sortBy"},
		"another type's attribute":      {"members", "", "sortBy"},
		"a list of attributes":          {"userName,title", "", "sortBy"},
		"a filter":                      {`emails[type eq "work"]`, "", "sortBy"},
		"what is never returned":        {"password", "", "sortBy"},
		"what an extension never shows": {"urn:example:payroll:1.0:pin", "", "sortBy"},
		"a complex attribute":           {"name", "", "sortBy"},
		"a schema":                      {enterprise, "", "sortBy"},
		"memberships":                   {"groups.display", "", "sortBy"},
		"another direction":             {"userName", "down", "sortOrder"},
		"a direction of nothing":        {"", "down", "sortOrder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := scim.ParseOrder(payroll().Type("User"), test.by, test.direction)
			require.ErrorIs(t, err, fault.Invalid)
			assert.Equal(t, test.blamed, fault.Of(err).Path)
		})
	}
}

func TestTheTextOfAnOrderTellsItFromOthers(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, by := range []string{"id", "userName", "name.givenName", "emails.type", "emails", "urn:example:payroll:1.0:grade"} {
		for _, direction := range []string{"ascending", "descending"} {
			order, err := scim.ParseOrder(payroll().Type("User"), by, direction)
			require.NoError(t, err)
			assert.False(t, seen[order.String()], order.String())
			seen[order.String()] = true
		}
	}
}
