package schema

import "slices"

// The schemas of the resources that describe the service (RFC 7643 §5 to §7).
const (
	ConfigURN       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	ResourceTypeURN = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	SchemaURN       = "urn:ietf:params:scim:schemas:core:2.0:Schema"
)

// discovery are RFC 7643 §8.7.2's definitions, all of them readOnly, but for what these forget or get wrong: etag and the
// type and primary of authenticationSchemes, which §5 has; schemaExtensions of many values, and optional, as §6 says; the
// type binary. pagination is RFC 9865 §4's.
func discovery() []*Schema {
	described := []*Schema{
		{ID: ConfigURN, Name: "Service Provider Configuration", Description: "What this service can do", Attributes: config()},
		{ID: ResourceTypeURN, Name: "ResourceType", Description: "A kind of resources", Attributes: resourceType()},
		{ID: SchemaURN, Name: "Schema", Description: "What a resource may hold", Attributes: definition()},
	}
	for _, s := range described {
		lock(s.Attributes)
	}
	return described
}

func lock(attributes []Attribute) {
	for i := range attributes {
		attributes[i].Mutability = ReadOnly
		lock(attributes[i].SubAttributes)
	}
}

func config() []Attribute {
	feature := func(name, description string, more ...Attribute) Attribute {
		return complexOf(name, description, append([]Attribute{boolean("supported", "Whether it is", required)}, more...), required)
	}
	return []Attribute{
		reference("documentationUri", "Address of a page for people about this service", []string{"external"}),
		feature("patch", "Whether PATCH is supported"),
		feature("bulk", "Whether and how bulk requests are supported",
			integerOf("maxOperations", "The most operations in one request", required),
			integerOf("maxPayloadSize", "The most bytes in one request", required)),
		feature("filter", "Whether and how filters are supported",
			integerOf("maxResults", "The most resources in one answer", required)),
		complexOf("pagination", "How answers are divided into pages (RFC 9865)", []Attribute{
			boolean("cursor", "Whether pages can be asked for by cursors", required),
			boolean("index", "Whether pages can be asked for by numbers", required),
			text("defaultPaginationMethod", "What is meant if nothing is asked for", canonical("cursor", "index")),
			integerOf("defaultPageSize", "How many resources are on a page if nothing is asked for"),
			integerOf("maxPageSize", "The most resources on a page"),
			integerOf("cursorTimeout", "For how many seconds a cursor can be used"),
		}),
		feature("changePassword", "Whether passwords can be changed"),
		feature("sort", "Whether results can be sorted"),
		feature("etag", "Whether resources have entity tags"),
		complexOf("authenticationSchemes", "How clients sign in", []Attribute{
			text("type", "The scheme", required, canonical("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest")),
			text("name", "Name of the scheme, as it is shown", required),
			text("description", "What the scheme is", required),
			reference("specUri", "Address of its specification", []string{"external"}),
			reference("documentationUri", "Address of a page for people about it", []string{"external"}),
			primary(),
		}, many, required),
	}
}

func resourceType() []Attribute {
	return []Attribute{
		text("id", "Identifier of the kind, which is its name"),
		text("name", "Name of the kind", required),
		text("description", "What the kind is"),
		reference("endpoint", "Where its resources are, below the base address", []string{"uri"}, required),
		reference("schema", "The core schema of its resources", []string{"uri"}, required),
		complexOf("schemaExtensions", "Further schemas of its resources", []Attribute{
			reference("schema", "The further schema", []string{"uri"}, required),
			boolean("required", "Whether each resource has it", required),
		}, many),
	}
}

// definition is §7: an attribute, whose sub-attributes are defined like it but have none themselves.
func definition() []Attribute {
	characteristics := []Attribute{
		text("name", "Name of the attribute", required, exact),
		text("type", "What its values are", required, canonical("string", "boolean", "decimal", "integer", "dateTime", "reference", "binary", "complex")),
		boolean("multiValued", "Whether it has many values", required),
		text("description", "What it is for", exact),
		boolean("required", "Whether there must be a value"),
		text("canonicalValues", "Values that are suggested", many, exact),
		boolean("caseExact", "Whether upper and lower case differ"),
		text("mutability", "Who may change it, and when", exact, canonical("readOnly", "readWrite", "immutable", "writeOnly")),
		text("returned", "When it is in an answer", exact, canonical("always", "never", "default", "request")),
		text("uniqueness", "How far a value must be unique", exact, canonical("none", "server", "global")),
		text("referenceTypes", "What it may refer to", many, exact),
	}
	parts := complexOf("subAttributes", "The parts of a complex value", slices.Clone(characteristics), many)
	return []Attribute{
		text("id", "The URN of the schema", required),
		text("name", "Name of the schema", required),
		text("description", "What the schema is for"),
		complexOf("attributes", "What it defines", append(characteristics, parts), many, required),
	}
}
