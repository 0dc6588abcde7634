// Package directory holds the people and groups that an identity provider provisions.
package directory

import (
	"regexp"
	"strconv"
	"time"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/schema"
	"github.com/extraordinary/provisioning/domain/scim/patch"
	"github.com/extraordinary/provisioning/domain/tree"
)

// ID names a resource within its organisation for ever. It is a lower-case UUID, version 7, so that the order of
// ids is the order of creation.
type ID string

var idForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ParseID reads an id from an address. What is no id of ours names no resource: NotFound.
func ParseID(text string) (ID, error) {
	if !idForm.MatchString(text) {
		return "", fault.New(fault.NotFound, "there is no resource with this id")
	}
	return ID(text), nil
}

// Resource is what users and groups have in common: attributes, checked against their definitions, and a version
// that counts the states that were committed.
//
// Invariant: attributes are as schema.ResourceType.Check leaves them, with every required one, and begin with the
// "schemas" that follow from them. Every constructor and method keeps it.
type Resource struct {
	id         ID
	attributes *tree.Object
	search     *tree.Object         // nil unless attributes changed since they were restored
	held       []schema.UniqueValue // of the attributes as restored, if they changed since
	unique     []schema.UniqueValue // of attributes, if they changed
	stored     int64                // version in the store; 0: not there yet
	version    int64
	created    time.Time
	modified   time.Time
}

// Snapshot is a Resource with open fields, for stores.
type Snapshot struct {
	ID         ID
	Attributes *tree.Object // not to be changed
	// Search is what filters are evaluated on (schema.ResourceType.Search). It is nil if Attributes are as restored.
	Search *tree.Object
	// Held and Unique are what no other resource may have too (schema.ResourceType.Unique), before the change and now.
	Held, Unique      []schema.UniqueValue
	Stored            int64 // the version that the store should still hold; 0: none
	Version           int64
	Created, Modified time.Time
}

// Document is a resource as it is read: Body holds the JSON object of its attributes, without id and meta.
type Document struct {
	ID                ID
	Version           int64
	Created, Modified time.Time
	Body              []byte
}

// ETag is the version as an HTTP entity tag (RFC 7644 §3.14). It is weak: one version may be rendered in many ways.
func (d Document) ETag() string { return `W/"` + strconv.FormatInt(d.Version, 10) + `"` }

func newResource(t *schema.ResourceType, id ID, input *tree.Object, now time.Time) (Resource, []string, error) {
	r := Resource{id: id, created: now}
	ignored, err := r.replace(t, input, now)
	return r, ignored, err
}

func restore(s Snapshot) Resource {
	return Resource{id: s.ID, attributes: s.Attributes, stored: s.Version, version: s.Version, created: s.Created, modified: s.Modified}
}

// Snapshot gives r's fields.
func (r *Resource) Snapshot() Snapshot {
	return Snapshot{r.id, r.attributes, r.search, r.held, r.unique, r.stored, r.version, r.created, r.modified}
}

// ID gives r's identifier.
func (r *Resource) ID() ID { return r.id }

// Version counts r's committed states, this one included.
func (r *Resource) Version() int64 { return r.version }

// Attributes gives what r holds. It is not to be changed.
func (r *Resource) Attributes() *tree.Object { return r.attributes }

// Changed reports whether r differs from what the store holds.
func (r *Resource) Changed() bool { return r.version != r.stored }

// Text gives a single-valued string attribute of the core schema or of the common ones, "" if r has none.
func (r *Resource) Text(attribute string) string {
	text, _ := r.attributes.Get(attribute).(string)
	return text
}

func (r *Resource) replace(t *schema.ResourceType, input *tree.Object, now time.Time) (ignored []string, err error) {
	clean, ignored, err := t.Check(input)
	if err != nil {
		return nil, err
	}
	if err := patch.KeepImmutable(t, r.attributes, clean); err != nil {
		return nil, err
	}
	return ignored, r.become(t, clean, now)
}

func (r *Resource) patch(t *schema.ResourceType, operations []patch.Operation, now time.Time) (ignored []string, err error) {
	result, err := patch.Apply(t, r.attributes, operations)
	if err != nil {
		return nil, err
	}
	return result.Ignored, r.become(t, result.Attributes, now)
}

// become makes attributes r's own, if they differ from what it has: a change of nothing leaves version and time
// of modification as they were, so that a client which sends the same again writes nothing.
func (r *Resource) become(t *schema.ResourceType, attributes *tree.Object, now time.Time) error {
	if err := t.Required(attributes); err != nil {
		return err
	}
	whole := tree.NewObject(tree.Member{Name: "schemas", Value: schemas(t, attributes)})
	for name, value := range attributes.All() {
		if name != "schemas" {
			whole.Set(name, value)
		}
	}
	if r.attributes != nil && tree.Equal(r.attributes, whole) {
		return nil
	}
	if r.search == nil && r.attributes != nil { // it is the first change since r was restored
		r.held = t.Unique(r.attributes)
	}
	r.attributes, r.search, r.unique = whole, t.Search(whole), t.Unique(whole)
	r.touch(now)
	return nil
}

func schemas(t *schema.ResourceType, attributes *tree.Object) tree.List {
	var urns tree.List
	for _, urn := range t.Schemas(attributes) {
		urns = append(urns, urn)
	}
	return urns
}

// touch makes r a new version as of now; several changes before it is saved are one version.
func (r *Resource) touch(now time.Time) {
	r.version, r.modified = r.stored+1, now
}
