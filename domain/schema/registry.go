package schema

import "github.com/extraordinary/provisioning/domain/tree"

// Registry is the resource types that a service provider serves, with their schemas.
type Registry struct{ Types []*ResourceType }

// Core gives a new registry of what RFC 7643 §4 defines: users, with the enterprise extension, and groups.
func Core() *Registry {
	return &Registry{Types: []*ResourceType{
		{
			Name: "User", Endpoint: "/Users", Description: "A person who was provisioned",
			Core: user(), Extensions: []*Schema{enterprise()},
		},
		{Name: "Group", Endpoint: "/Groups", Description: "A group of users", Core: group()},
	}}
}

// Type gives the resource type called name (in any case), nil if there is none.
func (r *Registry) Type(name string) *ResourceType {
	for _, t := range r.Types {
		if tree.SameName(t.Name, name) {
			return t
		}
	}
	return nil
}

// Schemas gives each schema of resources once: of every type its core schema, then its extensions.
func (r *Registry) Schemas() []*Schema {
	var all []*Schema
	seen := map[string]bool{}
	for _, t := range r.Types {
		for _, s := range append([]*Schema{t.Core}, t.Extensions...) {
			if urn := tree.LowerName(s.ID); !seen[urn] {
				seen[urn] = true
				all = append(all, s)
			}
		}
	}
	return all
}

// Published gives what stands at /Schemas: the schemas of resources, then those of the descriptions of the service.
func (r *Registry) Published() []*Schema { return append(r.Schemas(), discovery()...) }

// Schema gives the published schema whose URN is id (in any case), nil if there is none.
func (r *Registry) Schema(id string) *Schema {
	for _, s := range r.Published() {
		if tree.SameName(s.ID, id) {
			return s
		}
	}
	return nil
}
