package openapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/domain/schema"
)

const (
	scimJSON = "application/scim+json"
	formType = "application/x-www-form-urlencoded"
)

// operation is one method of one path, before it is written.
type operation struct {
	tag, id, summary string
	security         any      // nil: an access token; empty: nobody has to say who they are
	parameters       []string // by their names among the components
	body             any
	answers          object // by status
	errors           []int  // further statuses, in the form of SCIM
}

func (o operation) write() object {
	answers := object{}
	for status, answer := range o.answers {
		answers[status] = answer
	}
	for _, status := range o.errors {
		answers[fmt.Sprint(status)] = ref("responses", "Error"+fmt.Sprint(status))
	}
	written := object{"tags": []string{o.tag}, "operationId": o.id, "summary": o.summary, "responses": answers}
	if o.security != nil {
		written["security"] = o.security
	}
	if o.parameters != nil {
		var all []any
		for _, name := range o.parameters {
			all = append(all, ref("parameters", name))
		}
		written["parameters"] = all
	}
	if o.body != nil {
		written["requestBody"] = o.body
	}
	return written
}

// paths are all addresses; a test in cmd holds them to the routes.
func paths(registry *schema.Registry) object {
	all := object{}
	for _, t := range registry.Types {
		typePaths(all, t)
	}
	scimPaths(all, registry)
	oauthPaths(all)
	healthPaths(all)
	return all
}

var (
	everyRequest = []int{400, 401, 403, 429, 503}
	projection   = []string{"attributes", "excludedAttributes"}
	query        = append([]string{"filter", "sortBy", "sortOrder", "startIndex", "count", "cursor"}, projection...)
)

func with(statuses ...int) []int { return append(append([]int{}, everyRequest...), statuses...) }

func scimOperation(id, summary string) operation {
	return operation{tag: "SCIM", id: id, summary: summary, errors: everyRequest}
}

// typePaths are the addresses of one resource type (RFC 7644 §3.2).
func typePaths(all object, t *schema.ResourceType) {
	one, kind := ref("schemas", t.Name), "/scim/v2"+t.Endpoint
	search := scimOperation("search"+t.Name+"s", "Find resources (RFC 7644 §3.4.2)")
	search.parameters, search.answers = query, object{"200": answer("A page of resources", listOf(one))}
	create := scimOperation("create"+t.Name, "Create a resource (RFC 7644 §3.3)")
	create.parameters, create.body, create.answers = projection, body(scimJSON, one), object{"201": answer("The resource, as it is now", one)}
	create.errors = with(409, 413, 415)
	post := scimOperation("post"+t.Name+"Search", "Find resources, the query in the body (RFC 7644 §3.4.3)")
	post.body, post.answers = body(scimJSON, ref("schemas", "SearchRequest")), object{"200": answer("A page of resources", listOf(one))}
	post.errors = with(413, 415)
	read := scimOperation("read"+t.Name, "Read a resource (RFC 7644 §3.4.1)")
	read.parameters = append([]string{"id", "If-Match", "If-None-Match"}, projection...)
	read.answers, read.errors = object{"200": answer("The resource", one), "304": object{"description": "It is as it was"}}, with(404, 412)
	replace := scimOperation("replace"+t.Name, "Replace a resource (RFC 7644 §3.5.1)")
	replace.parameters = append([]string{"id", "If-Match"}, projection...)
	replace.body, replace.answers = body(scimJSON, one), object{"200": answer("The resource, as it is now", one)}
	replace.errors = with(404, 409, 412, 413, 415)
	change := scimOperation("patch"+t.Name, "Change a resource (RFC 7644 §3.5.2)")
	change.parameters, change.body = replace.parameters, body(scimJSON, ref("schemas", "PatchOp"))
	change.answers = object{"200": answer("The resource, as it is now", one), "204": object{"description": "Done"}}
	change.errors = replace.errors
	remove := scimOperation("delete"+t.Name, "Delete a resource (RFC 7644 §3.6)")
	remove.parameters, remove.answers, remove.errors = []string{"id", "If-Match"}, object{"204": object{"description": "It is gone"}}, with(404, 412)

	all[kind] = object{"get": search.write(), "post": create.write()}
	all[kind+"/.search"] = object{"post": post.write()}
	all[kind+"/{id}"] = object{"get": read.write(), "put": replace.write(), "patch": change.write(), "delete": remove.write()}
}

// scimPaths are those that belong to no one type.
func scimPaths(all object, registry *schema.Registry) {
	me := object{}
	for _, method := range []string{"get", "post", "put", "patch", "delete"} {
		o := scimOperation(method+"Me", "Nobody: a client signs in here, and no user (RFC 7644 §3.11)")
		o.errors = with(501)
		me[method] = o.write()
	}
	all["/scim/v2/Me"] = me
	var kinds []any
	for _, t := range registry.Types {
		kinds = append(kinds, ref("schemas", t.Name))
	}
	anything := listOf(object{"anyOf": kinds})
	everything := scimOperation("searchAll", "Find resources of every type (RFC 7644 §3.4.2.1)")
	everything.parameters = slices.DeleteFunc(slices.Clone(query), func(name string) bool { return strings.HasPrefix(name, "sort") })
	everything.answers = object{"200": answer("A page of resources", anything)}
	post := scimOperation("postSearchAll", "Find resources of every type, the query in the body (RFC 7644 §3.4.3)")
	post.body, post.answers, post.errors = body(scimJSON, ref("schemas", "SearchRequest")), object{"200": answer("A page of resources", anything)}, with(413, 415)
	all["/scim/v2"] = object{"get": everything.write()}
	all["/scim/v2/.search"] = object{"post": post.write()}
	bulk := scimOperation("bulk", "Carry out many operations (RFC 7644 §3.7)")
	bulk.body, bulk.errors = body(scimJSON, ref("schemas", "BulkRequest")), with(413, 415)
	bulk.answers = object{"200": answer("What became of each operation", ref("schemas", "BulkResponse"))}
	all["/scim/v2/Bulk"] = object{"post": bulk.write()}
	config, kind, definition := description(schema.ConfigURN), description(schema.ResourceTypeURN), description(schema.SchemaURN)
	for path, d := range map[string]struct {
		id, summary string
		of          object
	}{
		"/ServiceProviderConfig": {"serviceProviderConfig", "What this service can do (RFC 7643 §5)", config},
		"/ResourceTypes":         {"resourceTypes", "The kinds of resources (RFC 7643 §6)", listOf(kind)},
		"/ResourceTypes/{id}":    {"resourceType", "One kind of resources", kind},
		"/Schemas":               {"schemas", "The attributes of resources (RFC 7643 §7)", listOf(definition)},
		"/Schemas/{id}":          {"schema", "The attributes of one schema", definition},
	} {
		o := scimOperation(d.id, d.summary)
		o.answers = object{"200": answer("The description", d.of)}
		if strings.HasSuffix(path, "{id}") {
			o.parameters, o.errors = []string{"id"}, with(404)
		}
		all["/scim/v2"+path] = object{"get": o.write()}
	}
}

// oauthPaths are the authorisation server's. Its errors have a form of their own (RFC 6749 §5.2).
func oauthPaths(all object) {
	client := []any{object{"client": []string{}}, object{}} // or in the form (RFC 6749 §2.3.1)
	add := func(path, id, summary string, form object, success object) {
		answers := object{"200": success}
		for _, status := range []string{"400", "401", "429", "503"} {
			answers[status] = ref("responses", "OAuthError"+status)
		}
		all[path] = object{"post": operation{
			tag: "OAuth2", id: id, summary: summary, security: client, body: body(formType, ref("schemas", "ClientForm"), form), answers: answers,
		}.write()}
	}
	token := text("An access token")
	add("/oauth2/token", "token", "Fetch an access token (RFC 6749 §4.4)", form([]string{"grant_type"}, object{
		"grant_type": object{"const": "client_credentials"}, "scope": text("scim.read, scim.write or both; without it, all that the credential has"),
	}), answerJSON("An access token", ref("schemas", "AccessToken")))
	add("/oauth2/introspect", "introspect", "Ask about an access token of one's own (RFC 7662)",
		form([]string{"token"}, object{"token": token}), answerJSON("What is known of it", object{"type": "object", "required": []string{"active"}, "properties": object{"active": object{"type": "boolean"}}}))
	add("/oauth2/revoke", "revoke", "End an access token of one's own (RFC 7009)",
		form([]string{"token"}, object{"token": token}), object{"description": "It is not accepted any more, or never was"})
	all["/.well-known/oauth-authorization-server"] = object{"get": operation{
		tag: "OAuth2", id: "metadata", summary: "What the authorisation server can do (RFC 8414)", security: []any{},
		answers: object{"200": answerJSON("The description", open("Metadata, by their names in RFC 8414"))},
	}.write()}
}

func healthPaths(all object) {
	plain := func(description string) object {
		return object{"description": description, "content": object{"text/plain": object{"schema": object{"type": "string"}}}}
	}
	probe := func(id, summary string, answers object) object {
		return object{"get": operation{tag: "Health", id: id, summary: summary, security: []any{}, answers: answers}.write()}
	}
	all["/livez"] = probe("livez", "Whether the process lives", object{"200": plain("It does")})
	all["/readyz"] = probe("readyz", "Whether requests should come here", object{"200": plain("They should"), "503": plain("They should not: it starts or stops")})
	all["/metrics"] = probe("metrics", "Figures for Prometheus; from this machine alone, or on a listener of its own", object{"200": plain("The figures")})
	all[Path] = probe("openapi", "This description", object{"200": answerJSON("It", open("OpenAPI 3.1"))})
}
