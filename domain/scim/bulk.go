package scim

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/tree"
)

// MaxBulkOperations is how many operations one bulk request may hold (RFC 7644 §3.7.4).
const MaxBulkOperations = 100

const bulkURN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

// Bulk is a bulk request (RFC 7644 §3.7).
type Bulk struct {
	FailOnErrors int // so many failed operations end it; 0: none do
	Operations   []BulkOperation
}

// BulkOperation is one request within a bulk request.
type BulkOperation struct {
	Method  string
	BulkID  string // stands for the id of what a POST makes
	Path    string
	Version string // the only one that may be changed; "": any
	Data    *tree.Object
	Fault   error // why it cannot be carried out; what could be read of it is there all the same
}

// ReadBulk reads a bulk request. What is wrong with one operation alone is in its Fault, and hinders no other.
// Faults: Syntax; TooLarge for more than MaxBulkOperations; Invalid at "failOnErrors", and for a bulkId that stands
// twice, since what refers to it could mean either.
func ReadBulk(message *tree.Object) (b Bulk, err error) {
	urns, _ := message.Get("schemas").(tree.List)
	if !slices.ContainsFunc(urns, isBulkURN) {
		return b, fault.New(fault.Syntax, "must be a list that names %s", bulkURN).At("schemas")
	}
	if b.FailOnErrors, err = readFailOnErrors(message.Get("failOnErrors")); err != nil {
		return b, err
	}
	list, ok := message.Get("Operations").(tree.List)
	if !ok {
		return b, fault.New(fault.Syntax, "must be a list of operations").At("Operations")
	}
	if len(list) > MaxBulkOperations {
		return b, fault.New(fault.TooLarge, "there are %d, which exceeds maxOperations (%d)", len(list), MaxBulkOperations).At("Operations")
	}
	seen := map[string]bool{}
	for i, v := range list {
		o, ok := v.(*tree.Object)
		if !ok {
			return b, fault.New(fault.Syntax, "must be an object").At(fmt.Sprintf("Operations[%d]", i))
		}
		operation := readBulkOperation(o)
		if operation.BulkID != "" && seen[operation.BulkID] {
			return b, fault.New(fault.Invalid, "another operation has it too; give each one of its own").At(fmt.Sprintf("Operations[%d].bulkId", i))
		}
		seen[operation.BulkID] = true
		b.Operations = append(b.Operations, operation)
	}
	return b, nil
}

func isBulkURN(v tree.Value) bool {
	text, _ := v.(string)
	return tree.SameName(text, bulkURN)
}

func readFailOnErrors(v tree.Value) (int, error) {
	if v == nil {
		return 0, nil
	}
	digits, _ := v.(tree.Number)
	n, err := strconv.ParseInt(string(digits), 10, 32)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "must be a whole number, 1 or more").At("failOnErrors")
	}
	return int(n), nil
}

func readBulkOperation(o *tree.Object) (read BulkOperation) {
	// Of several mistakes the first is told.
	refuse := func(kind fault.Kind, at, format string, args ...any) {
		if read.Fault == nil {
			read.Fault = fault.New(kind, format, args...).At(at)
		}
	}
	for _, field := range []struct {
		name string
		text *string
	}{{"method", &read.Method}, {"path", &read.Path}, {"bulkId", &read.BulkID}, {"version", &read.Version}} {
		text, isText := o.Get(field.name).(string)
		if !isText && o.Get(field.name) != nil {
			refuse(fault.Syntax, field.name, "must be a string")
		}
		*field.text = text
	}
	data, isObject := o.Get("data").(*tree.Object)
	read.Data = data
	switch read.Method {
	case "POST", "PUT", "PATCH":
		if !isObject {
			refuse(fault.Syntax, "data", "must be the object that a single %s would send", read.Method)
		}
	case "DELETE":
		read.Data = nil // RFC 9110 §9.3.5: it has no meaning here
	default:
		refuse(fault.Syntax, "method", "must be POST, PUT, PATCH or DELETE")
	}
	if read.Path == "" {
		refuse(fault.Syntax, "path", "must name a resource, or for POST what kind of resource is made")
	}
	if read.Method == "POST" && read.BulkID == "" {
		refuse(fault.Invalid, "bulkId", "must be there for POST: a name of your own for what is made")
	}
	return read
}

// Order gives the operations, by index, in an order in which they can be carried out: as they stand, but what makes a
// resource before whatever refers to it. Those that refer to each other in a circle come as one step (RFC 7644 §3.7.1).
//
// These are Tarjan's strongly connected components: they come out with what is referred to first.
func (b Bulk) Order() (steps [][]int) {
	made := map[string]int{}
	for i, o := range b.Operations {
		if o.Makes() {
			made[o.BulkID] = i
		}
	}
	count, number, lowest := 0, make([]int, len(b.Operations)), make([]int, len(b.Operations))
	var open []int
	var visit func(i int)
	visit = func(i int) {
		count++
		number[i], lowest[i] = count, count
		open = append(open, i)
		for _, id := range b.Operations[i].References() {
			to, ours := made[id]
			switch {
			case !ours:
			case number[to] == 0:
				visit(to)
				lowest[i] = min(lowest[i], lowest[to])
			case slices.Contains(open, to):
				lowest[i] = min(lowest[i], number[to])
			}
		}
		if lowest[i] == number[i] {
			at := slices.Index(open, i)
			step := slices.Sorted(slices.Values(open[at:]))
			open = open[:at]
			steps = append(steps, step)
		}
	}
	for i := range b.Operations {
		if number[i] == 0 {
			visit(i)
		}
	}
	return steps
}
