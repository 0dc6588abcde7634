package scimapi

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/extraordinary/provisioning/application/provisioning"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

func object(members ...tree.Member) *tree.Object { return tree.NewObject(members...) }

func member(name string, value tree.Value) tree.Member { return tree.Member{Name: name, Value: value} }

// serviceProviderConfig serves GET /ServiceProviderConfig (RFC 7643 §5): what works here, and nothing that does not.
func (a *API) serviceProviderConfig(w http.ResponseWriter, r *http.Request, _ provisioning.Caller) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	yes, no := object(member("supported", true)), object(member("supported", false))
	send(w, http.StatusOK, tree.Append(nil, object(
		member("schemas", tree.List{schema.ConfigURN}),
		member("patch", yes),
		member("bulk", object( // RFC 7644 §3.7.4
			member("supported", true), member("maxOperations", integer(scim.MaxBulkOperations)), member("maxPayloadSize", integer(MaxBody)),
		)),
		member("filter", object(member("supported", true), member("maxResults", integer(maxCount)))),
		member("pagination", object( // RFC 9865 §4
			member("cursor", true), member("index", true), member("defaultPaginationMethod", "index"),
			member("defaultPageSize", integer(defaultCount)), member("maxPageSize", integer(maxCount)),
			member("cursorTimeout", integer(int(scim.CursorLife.Seconds()))),
		)),
		member("changePassword", no),
		member("sort", yes),
		member("etag", yes),
		member("authenticationSchemes", tree.List{object(
			member("type", "oauthbearertoken"),
			member("name", "OAuth Bearer Token"),
			member("description", "Client Credentials Grant (RFC 6749 section 4.4) at "+strings.TrimSuffix(a.base, Prefix)+"/oauth2/token; the token goes into the Authorization header (RFC 6750)."),
			member("specUri", "https://www.rfc-editor.org/info/rfc6750"),
			member("primary", true),
		)}),
		member("meta", a.discoveryMeta("ServiceProviderConfig", "/ServiceProviderConfig")),
	)))
	return nil
}

// resourceTypes serves GET /ResourceTypes (RFC 7644 §4).
func (a *API) resourceTypes(w http.ResponseWriter, r *http.Request, _ provisioning.Caller) error {
	var all tree.List
	for _, t := range a.registry.Types {
		all = append(all, a.describeType(t))
	}
	return discovered(w, r, all)
}

// resourceType serves GET /ResourceTypes/{id}.
func (a *API) resourceType(w http.ResponseWriter, r *http.Request, _ provisioning.Caller) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	for _, t := range a.registry.Types {
		if t.Name == mux.Vars(r)["id"] {
			send(w, http.StatusOK, tree.Append(nil, a.describeType(t)))
			return nil
		}
	}
	return fault.New(fault.NotFound, "there is no resource type of this name; see %s/ResourceTypes", a.base)
}

// schemas serves GET /Schemas (RFC 7644 §4).
func (a *API) schemas(w http.ResponseWriter, r *http.Request, _ provisioning.Caller) error {
	var all tree.List
	for _, s := range a.registry.Published() {
		all = append(all, a.describeSchema(s))
	}
	return discovered(w, r, all)
}

// schema serves GET /Schemas/{id}.
func (a *API) schema(w http.ResponseWriter, r *http.Request, _ provisioning.Caller) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	s := a.registry.Schema(mux.Vars(r)["id"])
	if s == nil {
		return fault.New(fault.NotFound, "there is no schema of this URN; see %s/Schemas", a.base)
	}
	send(w, http.StatusOK, tree.Append(nil, a.describeSchema(s)))
	return nil
}

// unfiltered forbids a filter, lest a client takes for true what it says (RFC 7644 §4).
func unfiltered(r *http.Request) error {
	values, err := parameters(r)
	if err == nil && values.Has("filter") {
		err = fault.New(fault.Forbidden, "descriptions are not filtered; read them all").At("filter")
	}
	return err
}

// discovered answers a list of descriptions, which are always given whole.
func discovered(w http.ResponseWriter, r *http.Request, all tree.List) error {
	if err := unfiltered(r); err != nil {
		return err
	}
	body := list(len(all), 1, len(all))
	for i, one := range all {
		if i > 0 {
			body = append(body, ',')
		}
		body = tree.Append(body, one)
	}
	send(w, http.StatusOK, append(body, "]}"...))
	return nil
}

func (a *API) discoveryMeta(kind, path string) *tree.Object {
	return object(member("resourceType", kind), member("location", a.base+path))
}

func (a *API) describeType(t *schema.ResourceType) *tree.Object {
	var extensions tree.List
	for _, e := range t.Extensions {
		extensions = append(extensions, object(member("schema", e.ID), member("required", false)))
	}
	described := object(
		member("schemas", tree.List{schema.ResourceTypeURN}),
		member("id", t.Name), member("name", t.Name), member("description", t.Description),
		member("endpoint", t.Endpoint), member("schema", t.Core.ID),
	)
	if extensions != nil {
		described.Set("schemaExtensions", extensions)
	}
	described.Set("meta", a.discoveryMeta("ResourceType", "/ResourceTypes/"+t.Name))
	return described
}

func (a *API) describeSchema(s *schema.Schema) *tree.Object {
	return object(
		member("schemas", tree.List{schema.SchemaURN}),
		member("id", s.ID), member("name", s.Name), member("description", s.Description),
		member("attributes", describeAttributes(s.Attributes)),
		member("meta", a.discoveryMeta("Schema", "/Schemas/"+s.ID)),
	)
}

// describeAttributes writes all characteristics out, defaults too (RFC 7643 §7), and leaves out what does not apply
// to an attribute's type: Microsoft's reader wants no nulls (entra.md §1.7).
func describeAttributes(attributes []schema.Attribute) tree.List {
	described := make(tree.List, 0, len(attributes))
	for _, a := range attributes {
		o := object(
			member("name", a.Name), member("type", string(a.Type)), member("multiValued", a.MultiValued),
			member("description", a.Description), member("required", a.Required),
		)
		if a.Type == schema.Complex {
			o.Set("subAttributes", describeAttributes(a.SubAttributes))
		} else {
			o.Set("caseExact", a.CaseExact)
		}
		if len(a.CanonicalValues) > 0 {
			o.Set("canonicalValues", texts(a.CanonicalValues))
		}
		o.Set("mutability", string(a.Mutability))
		o.Set("returned", string(a.Returned))
		o.Set("uniqueness", string(a.Uniqueness))
		if len(a.ReferenceTypes) > 0 {
			o.Set("referenceTypes", texts(a.ReferenceTypes))
		}
		described = append(described, o)
	}
	return described
}

func texts(values []string) (l tree.List) {
	for _, v := range values {
		l = append(l, v)
	}
	return l
}
