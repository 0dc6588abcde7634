package openapi

import (
	"fmt"
	"strings"

	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
)

func text(description string) object {
	return object{"type": "string", "description": description}
}

func form(required []string, properties object) object {
	return object{"type": "object", "required": required, "properties": properties}
}

// body is what a request carries: all of the schemas at once.
func body(media string, schemas ...object) object {
	whole := schemas[0]
	if len(schemas) > 1 {
		whole = object{"allOf": schemas}
	}
	return object{"required": true, "content": object{media: object{"schema": whole}}}
}

func answer(description string, shape object) object {
	return object{"description": description, "content": object{scimJSON: object{"schema": shape}}}
}

func answerJSON(description string, shape object) object {
	return object{"description": description, "content": object{"application/json": object{"schema": shape}}}
}

func listOf(one object) object {
	return object{"allOf": []any{ref("schemas", "ListResponse"), object{"properties": object{"Resources": object{"type": "array", "items": one}}}}}
}

func parameters() object {
	all := object{}
	for name, p := range map[string]struct{ in, description, kind string }{
		"filter":             {"query", `A filter, such as userName eq "mia@kereru.example" (RFC 7644 §3.4.2.2)`, "string"},
		"sortBy":             {"query", "The attribute to sort by (RFC 7644 §3.4.2.3)", "string"},
		"sortOrder":          {"query", "ascending or descending", "string"},
		"startIndex":         {"query", "The first result of the page, from 1 (RFC 7644 §3.4.2.4)", "integer"},
		"count":              {"query", "The most results on the page, up to 200", "integer"},
		"cursor":             {"query", "Where the page begins: empty at the beginning, else nextCursor of the page before (RFC 9865)", "string"},
		"attributes":         {"query", "The attributes to be returned, between commas (RFC 7644 §3.9)", "string"},
		"excludedAttributes": {"query", "The attributes not to be returned, between commas", "string"},
		"id":                 {"path", "Which one", "string"},
		"If-Match":           {"header", "The versions that may be changed, or read (RFC 7644 §3.14)", "string"},
		"If-None-Match":      {"header", "The version that the caller has", "string"},
	} {
		all[name] = object{"name": name, "in": p.in, "description": p.description, "required": p.in == "path", "schema": object{"type": p.kind}}
	}
	return all
}

func responses() object {
	all := object{}
	for status, why := range map[int]string{
		400: "The request cannot be read, or not be done (RFC 7644 §3.12)", 401: "There is no access token, or it is not live",
		403: "The access token lacks the scope, or nobody may", 404: "There is no such resource", 409: "A value that must be unique is taken",
		412: "The version is another", 413: "The body is too large", 415: "The body is of another media type",
		429: "The organisation sends more than its share; see Retry-After", 501: "This is not done here", 503: "The service cannot answer; see Retry-After",
	} {
		all[fmt.Sprint("Error", status)] = answer(why, ref("schemas", "Error"))
	}
	for status, why := range map[int]string{
		400: "The request is not as RFC 6749 wants it", 401: "The client identifier or the client secret is wrong, or one of them has ended",
		429: "Too many requests, or too many that failed; see Retry-After", 503: "The service cannot answer; see Retry-After",
	} {
		all[fmt.Sprint("OAuthError", status)] = answerJSON(why, ref("schemas", "OAuthError"))
	}
	return all
}

func schemas(registry *schema.Registry) object {
	number := object{"type": "integer"}
	strings := object{"type": "array", "items": object{"type": "string"}}
	all := object{
		"ListResponse": object{"type": "object", "required": []string{"schemas", "totalResults"}, "properties": object{
			"schemas": strings, "totalResults": number, "startIndex": number, "itemsPerPage": number,
			"nextCursor": text("Where the next page begins; absent on the last (RFC 9865)"), "Resources": object{"type": "array", "items": open("A resource")},
		}},
		"SearchRequest": object{"type": "object", "required": []string{"schemas"}, "properties": object{
			"schemas": strings, "attributes": strings, "excludedAttributes": strings, "filter": object{"type": "string"}, "sortBy": object{"type": "string"},
			"sortOrder": object{"enum": []string{"ascending", "descending"}}, "startIndex": number, "count": number, "cursor": object{"type": "string"},
		}},
		"PatchOp": object{"type": "object", "required": []string{"schemas", "Operations"}, "properties": object{
			"schemas": strings,
			"Operations": object{"type": "array", "items": object{"type": "object", "required": []string{"op"}, "properties": object{
				"op": text("add, remove or replace, in any case"), "path": object{"type": "string"}, "value": object{},
			}}},
		}},
		"BulkRequest":  bulkRequest(strings, registry),
		"BulkResponse": bulkResponse(strings),
		"Error": object{"type": "object", "required": []string{"schemas", "status"}, "properties": object{
			"schemas": strings, "status": object{"type": "string"}, "scimType": object{"type": "string"}, "detail": object{"type": "string"},
			"traceId": text("By which support finds the request"),
		}},
		"OAuthError":  object{"type": "object", "required": []string{"error"}, "properties": object{"error": object{"type": "string"}, "error_description": object{"type": "string"}, "trace_id": text("By which support finds the request")}},
		"ClientForm":  object{"type": "object", "properties": object{"client_id": object{"type": "string"}, "client_secret": object{"type": "string"}}},
		"AccessToken": object{"type": "object", "required": []string{"access_token", "token_type", "expires_in"}, "properties": object{"access_token": object{"type": "string"}, "token_type": object{"const": "Bearer"}, "expires_in": number, "scope": object{"type": "string"}}},
	}
	for _, t := range registry.Types {
		all[t.Name] = resource(t)
	}
	for _, s := range registry.Published() {
		all[component(s.ID)] = object{"type": "object", "description": s.Description, "required": required(s.Attributes), "properties": attributes(s.Attributes)}
	}
	return all
}

// resource is a type's core schema with its extensions and what every resource has (RFC 7643 §3).
func resource(t *schema.ResourceType) object {
	properties := object{
		"schemas":    object{"type": "array", "items": object{"type": "string"}},
		"id":         object{"type": "string", "readOnly": true},
		"externalId": object{"type": "string"},
		"meta":       meta(),
	}
	for _, e := range t.Extensions {
		properties[e.ID] = ref("schemas", component(e.ID))
	}
	return object{"allOf": []any{ref("schemas", component(t.Core.ID)), object{"type": "object", "properties": properties}}}
}

func meta() object {
	time, line := object{"type": "string", "format": "date-time"}, object{"type": "string"}
	return object{"type": "object", "readOnly": true, "properties": object{
		"resourceType": line, "created": time, "lastModified": time, "location": object{"type": "string", "format": "uri"}, "version": line,
	}}
}

// description is a resource that describes the service (RFC 7643 §5 to §7).
func description(urn string) object {
	return object{"allOf": []any{ref("schemas", component(urn)), object{"type": "object", "properties": object{
		"schemas": object{"type": "array", "items": object{"type": "string"}}, "meta": meta(),
	}}}}
}

// bulkRequest and bulkResponse are RFC 7644 §3.7's messages.
func bulkRequest(strings object, registry *schema.Registry) object {
	data := []any{ref("schemas", "PatchOp")}
	for _, t := range registry.Types {
		data = append(data, ref("schemas", t.Name))
	}
	return object{"type": "object", "required": []string{"schemas", "Operations"}, "properties": object{
		"schemas": strings, "failOnErrors": object{"type": "integer", "description": "After how many failures the rest is left undone"},
		"Operations": object{"type": "array", "maxItems": scim.MaxBulkOperations, "items": object{
			"type": "object", "required": []string{"method", "path"}, "properties": object{
				"method": object{"enum": []string{"POST", "PUT", "PATCH", "DELETE"}}, "path": text("Below the Tenant URL, such as /Users or /Users/{id}"),
				"bulkId":  text("By which other operations name what a POST makes; required there"),
				"version": text("The version that may be changed (RFC 7644 §3.14)"), "data": object{"anyOf": data},
			},
		}},
	}}
}

func bulkResponse(strings object) object {
	line := object{"type": "string"}
	return object{"type": "object", "required": []string{"schemas", "Operations"}, "properties": object{
		"schemas": strings,
		"Operations": object{"type": "array", "items": object{"type": "object", "required": []string{"method", "status"}, "properties": object{
			"method": line, "bulkId": line, "version": line, "location": line, "status": text("As of a request of its own, such as 201"),
			"response": ref("schemas", "Error"),
		}}},
	}}
}

// open is an object whose members are described elsewhere.
func open(description string) object {
	return object{"type": "object", "description": description, "additionalProperties": true}
}

// component is a URN as the name of a component, which has no colons.
func component(urn string) string { return strings.ReplaceAll(urn, ":", ".") }

func required(attributes []schema.Attribute) []string {
	names := []string{}
	for _, a := range attributes {
		if a.Required {
			names = append(names, a.Name)
		}
	}
	return names
}

func attributes(all []schema.Attribute) object {
	properties := object{}
	for _, a := range all {
		property := valueOf(a)
		if a.MultiValued {
			property = object{"type": "array", "items": property}
		}
		property["description"] = a.Description
		if a.Mutability == schema.ReadOnly {
			property["readOnly"] = true
		}
		if a.Mutability == schema.WriteOnly {
			property["writeOnly"] = true
		}
		properties[a.Name] = property
	}
	return properties
}

func valueOf(a schema.Attribute) object {
	switch a.Type {
	case schema.Boolean:
		return object{"type": "boolean"}
	case schema.Integer:
		return object{"type": "integer"}
	case schema.Decimal:
		return object{"type": "number"}
	case schema.DateTime:
		return object{"type": "string", "format": "date-time"}
	case schema.Reference:
		return object{"type": "string", "format": "uri-reference"}
	case schema.Binary:
		return object{"type": "string", "contentEncoding": "base64"}
	case schema.Complex:
		return object{"type": "object", "required": required(a.SubAttributes), "properties": attributes(a.SubAttributes)}
	case schema.String:
	}
	value := object{"type": "string"}
	if len(a.CanonicalValues) > 0 {
		value["examples"] = a.CanonicalValues // others are allowed (RFC 7643 §7)
	}
	return value
}
