package schema

// common are the attributes that every resource has and no schema lists (RFC 7643 §3, §3.1).
//
// That "schemas" is compared without regard to case is our choice: it holds URNs, and whoever asks for one in other
// letters means the same. It is readWrite so that a client which sends it again is not refused; what it says
// follows from what a resource holds (ResourceType.Schemas).
var common = []Attribute{
	reference("schemas", "The schemas that the resource is made of", []string{"uri"}, many, required, always, anyCase),
	text("id", "Identifier that this service gave the resource", exact, readOnly, always, unique),
	text("externalId", "Identifier that the provisioning client gave the resource", exact),
	complexOf("meta", "What this service knows about the resource", []Attribute{
		text("resourceType", "Name of the resource type", exact, readOnly),
		dateTime("created", "When the resource was made", readOnly),
		dateTime("lastModified", "When the resource was last changed", readOnly),
		reference("location", "Address of the resource", []string{"uri"}, readOnly),
		text("version", "Entity tag of the resource", exact, readOnly),
	}, readOnly),
}

func anyCase(a *Attribute) { a.CaseExact = false }
