package patch

import (
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

// singles gives op as operations that target one attribute each, in the order in which the client wrote them. An
// operation without a path becomes one for each attribute in its value; so does one on a schema as a whole.
func singles(t *schema.ResourceType, op Operation) ([]Operation, error) {
	if op.Path == nil {
		if op.Op == Remove {
			return nil, fault.New(fault.NoTarget, "is needed to remove something; name the attribute").At("path")
		}
		return spread(t, "", op)
	}
	if op.Path.Filter != nil {
		return []Operation{op}, nil
	}
	urn := op.Path.Path.String()
	extension := t.Extension(urn)
	switch {
	case tree.SameName(urn, t.Core.ID):
		if op.Op == Remove {
			return nil, fault.New(fault.Mutability, "has attributes that are required; name those that shall go").At(t.Core.ID)
		}
		return spread(t, "", op)
	case extension != nil && op.Op != Remove && !clears(op.Value):
		return spread(t, extension.ID, op)
	}
	return []Operation{op}, nil
}

// spread gives one operation for each member of op's value, which is an object of attributes of the schema urn.
func spread(t *schema.ResourceType, urn string, op Operation) ([]Operation, error) {
	attributes, ok := op.Value.(*tree.Object)
	if !ok {
		at := urn
		if at == "" {
			at = "value"
		}
		return nil, fault.New(fault.Invalid, "must be an object of attributes, since no single attribute is named").At(at)
	}
	all := make([]Operation, 0, attributes.Len())
	for name, value := range attributes.All() {
		one := Operation{Op: op.Op, Path: key(name), Value: value, loose: true}
		if urn != "" {
			one.Path.URN = urn
			all = append(all, one)
			continue
		}
		more, err := singles(t, one)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// key reads the name of a member as a path, for Entra writes "name.givenName", "urn:…:User:employeeNumber" and
// perhaps `phoneNumbers[type eq "mobile"].value` there (entra.md §1.4). What is none is the name of an attribute that
// nobody knows, and so it will be ignored.
func key(name string) *scim.PatchPath {
	path, err := scim.ParsePath(name)
	if err != nil {
		path = scim.PatchPath{Path: scim.Path{Name: name}}
	}
	return &path
}
