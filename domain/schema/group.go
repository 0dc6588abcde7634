package schema

// GroupURN is the core schema of groups (RFC 7643 §4.2).
const GroupURN = "urn:ietf:params:scim:schemas:core:2.0:Group"

// group says of displayName that it is unique in an organisation, although the RFC does not: Entra matches groups by
// it, and two that match would be one to it.
func group() *Schema {
	return &Schema{
		ID: GroupURN, Name: "Group", Description: "Group",
		Attributes: []Attribute{
			text("displayName", "Name of the group", required, unique),
			complexOf("members", "Who is in the group", []Attribute{
				text("value", "Identifier of the member", exact, required, immutable),
				reference("$ref", "Address of the member", []string{"User", "Group"}, immutable),
				text("type", "Whether the member is a user or a group", canonical("User", "Group"), immutable),
				text("display", "Name of the member", readOnly),
			}, many),
		},
	}
}
