package scimapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// described is an attribute as /Schemas describes it.
type described struct {
	Name, Type, Mutability, Returned, Uniqueness, Description string
	MultiValued, Required, CaseExact                          *bool
	CanonicalValues, ReferenceTypes                           []string
	SubAttributes                                             []described
}

type describedSchema struct {
	ID         string
	Attributes []described
}

func readSchemas(t *testing.T) []describedSchema {
	t.Helper()
	heard, err := newServer(t).newTenant(t).send(http.MethodGet, "/Schemas", nil, nil)
	must(t, err)
	var page struct{ Resources []describedSchema }
	must(t, json.Unmarshal(heard.body, &page))
	return page.Resources
}

// mapped is what an administrator can map to, in the project's own mapping and in Entra's default one (product.md,
// entra.md §1.2).
var mapped = map[string][]string{
	"urn:ietf:params:scim:schemas:core:2.0:User": {
		"userName", "active", "displayName", "title", "preferredLanguage", "externalId", "nickName",
		"name.givenName", "name.familyName", "name.formatted",
		`emails[type eq "work"].value`, `emails[type eq "other"].value`,
		`phoneNumbers[type eq "mobile"].value`, `phoneNumbers[type eq "work"].value`, `phoneNumbers[type eq "fax"].value`,
		`addresses[type eq "work"].streetAddress`, `addresses[type eq "work"].locality`, `addresses[type eq "work"].region`,
		`addresses[type eq "work"].postalCode`, `addresses[type eq "work"].country`, `addresses[type eq "work"].formatted`,
		`addresses[type eq "other"].formatted`, `roles[primary eq "True"].value`,
	},
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
		"employeeNumber", "department", "costCenter", "organization", "division", "manager.value",
	},
	"urn:ietf:params:scim:schemas:core:2.0:Group": {"displayName", "externalId", "members.value"},
}

// TestTheGalleryFindsEveryMappedAttributeInTheSchemas flattens /Schemas as Microsoft's test template does: an
// attribute of many values is known by the canonicalValues of its type, and by nothing else (entra.md §1.7).
func TestTheGalleryFindsEveryMappedAttributeInTheSchemas(t *testing.T) {
	t.Parallel()
	for _, s := range readSchemas(t) {
		found := flatten(s.Attributes)
		for _, name := range mapped[s.ID] {
			if name != "externalId" && !slices.Contains(found, name) { // common to all, and listed by no schema (RFC 7643 §3.1)
				t.Errorf("%s of %s cannot be found", name, s.ID)
			}
		}
	}
}

func flatten(attributes []described) (names []string) {
	for _, a := range attributes {
		switch {
		case len(a.SubAttributes) == 0:
			names = append(names, a.Name)
		case *a.MultiValued && len(typesOf(a)) > 0:
			for _, kind := range typesOf(a) {
				names = append(names, below(a.Name+`[type eq "`+kind+`"]`, a)...)
			}
		case *a.MultiValued && a.Name != "members":
			names = append(names, below(a.Name+`[primary eq "True"]`, a)...)
		default:
			names = append(names, below(a.Name, a)...)
		}
	}
	return names
}

func typesOf(a described) []string {
	for _, sub := range a.SubAttributes {
		if sub.Name == "type" && a.Name != "members" {
			return sub.CanonicalValues
		}
	}
	return nil
}

func below(prefix string, a described) (names []string) {
	for _, sub := range a.SubAttributes {
		names = append(names, prefix+"."+sub.Name)
	}
	return names
}

// TestEveryCharacteristicIsWrittenOut holds RFC 7643 §7: nothing is left to a reader's idea of a default, and nothing
// stands where it does not apply.
func TestEveryCharacteristicIsWrittenOut(t *testing.T) {
	t.Parallel()
	for _, s := range readSchemas(t) {
		if len(s.Attributes) == 0 {
			t.Errorf("%s has no attributes", s.ID)
		}
		for _, a := range s.Attributes {
			characterised(t, s.ID+":", a)
		}
	}
}

func characterised(t *testing.T, prefix string, a described) {
	t.Helper()
	path := prefix + a.Name
	complexType := a.Type == "complex"
	for problem, wrong := range map[string]bool{
		"has no description":                       a.Description == "",
		"has no type that RFC 7643 knows":          !slices.Contains(strings.Fields("string boolean decimal integer dateTime reference binary complex"), a.Type),
		"does not say whether it has many values":  a.MultiValued == nil,
		"does not say whether it is required":      a.Required == nil,
		"does not say whether case counts":         a.CaseExact == nil != complexType,
		"has a mutability that nobody knows":       !slices.Contains(strings.Fields("readOnly readWrite immutable writeOnly"), a.Mutability),
		"is returned at times that nobody knows":   !slices.Contains(strings.Fields("always never default request"), a.Returned),
		"has a uniqueness that nobody knows":       !slices.Contains(strings.Fields("none server global"), a.Uniqueness),
		"is a reference to nothing":                a.Type == "reference" != (len(a.ReferenceTypes) > 0),
		"is complex without parts, or the reverse": complexType != (len(a.SubAttributes) > 0),
	} {
		if wrong {
			t.Errorf("%s %s", path, problem)
		}
	}
	for _, sub := range a.SubAttributes {
		characterised(t, path+".", sub)
	}
}
