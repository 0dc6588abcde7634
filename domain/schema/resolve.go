package schema

import "github.com/extraordinary/provisioning/domain/tree"

// Target is what an attribute path names.
type Target struct {
	Extension *Schema // nil: the core schema, or a common attribute
	Attribute *Attribute
	Sub       *Attribute // nil: the attribute as a whole
}

// Path gives the path in its canonical spelling (RFC 7644 §3.10): name.givenName, urn:…:User:manager.value.
func (t Target) Path() string {
	path := ""
	if t.Extension != nil {
		path = t.Extension.ID
	}
	if t.Attribute == nil {
		return path
	}
	if path != "" {
		path += ":"
	}
	path += t.Attribute.Name
	if t.Sub != nil {
		path += "." + t.Sub.Name
	}
	return path
}

// IsPrimary reports whether t is what marks one element of many as the preferred one (RFC 7643 §2.4).
func (t Target) IsPrimary() bool {
	return t.Sub != nil && t.Attribute.MultiValued && t.Sub.Type == Boolean && tree.SameName(t.Sub.Name, "primary")
}

// Resolve finds what a path names, in any case; sub may be empty. Without a urn, the core and common attributes come
// first, then those of an extension if only one has such a name: Entra says "manager" and means the enterprise
// extension's. ok is false for what t does not have; an extension as a whole is Extension's business.
func (t *ResourceType) Resolve(urn, name, sub string) (target Target, ok bool) {
	switch extension := t.Extension(urn); {
	case extension != nil:
		target = Target{Extension: extension, Attribute: extension.Attribute(name)}
	case urn == "" || tree.SameName(urn, t.Core.ID):
		target.Attribute = t.attribute(name)
		if target.Attribute == nil && urn == "" {
			target = t.bare(name)
		}
	}
	if target.Attribute == nil {
		return Target{}, false
	}
	if sub != "" {
		if target.Sub = target.Attribute.Sub(sub); target.Sub == nil {
			return Target{}, false
		}
	}
	return target, true
}

// bare finds an extension's attribute by its name alone.
func (t *ResourceType) bare(name string) (target Target) {
	for _, e := range t.Extensions {
		if a := e.Attribute(name); a != nil {
			if target.Attribute != nil {
				return Target{}
			}
			target = Target{Extension: e, Attribute: a}
		}
	}
	return target
}
