package schema

// The functions here make definitions: what is not said is RFC 7643 §2.2's default.

type option func(*Attribute)

func define(name, description string, kind Type, options []option) Attribute {
	a := Attribute{
		Name: name, Description: description, Type: kind,
		Mutability: ReadWrite, Returned: Default, Uniqueness: None,
	}
	for _, o := range options {
		o(&a)
	}
	return a
}

func text(name, description string, options ...option) Attribute {
	return define(name, description, String, options)
}

func boolean(name, description string, options ...option) Attribute {
	return define(name, description, Boolean, options)
}

func integerOf(name, description string, options ...option) Attribute {
	return define(name, description, Integer, options)
}

func dateTime(name, description string, options ...option) Attribute {
	return define(name, description, DateTime, options)
}

// binary is case exact, as RFC 7643 §2.3.6 says.
func binary(name, description string, options ...option) Attribute {
	return define(name, description, Binary, append([]option{exact}, options...))
}

// reference is case exact, as RFC 7643 §2.3.7 says, unless options say otherwise; to is what it may refer to.
func reference(name, description string, to []string, options ...option) Attribute {
	a := define(name, description, Reference, append([]option{exact}, options...))
	a.ReferenceTypes = to
	return a
}

func complexOf(name, description string, subs []Attribute, options ...option) Attribute {
	a := define(name, description, Complex, options)
	a.SubAttributes = subs
	return a
}

func many(a *Attribute)      { a.MultiValued = true }
func required(a *Attribute)  { a.Required = true }
func exact(a *Attribute)     { a.CaseExact = true }
func unique(a *Attribute)    { a.Uniqueness = Server }
func always(a *Attribute)    { a.Returned = Always }
func readOnly(a *Attribute)  { a.Mutability = ReadOnly }
func immutable(a *Attribute) { a.Mutability = Immutable }
func legible(a *Attribute)   { a.legible = true }

func writeOnly(a *Attribute) { a.Mutability, a.Returned = WriteOnly, Never }

func canonical(values ...string) option {
	return func(a *Attribute) { a.CanonicalValues = values }
}

// kind is the sub-attribute that tells the elements of a multi-valued attribute apart (RFC 7643 §2.4).
func kind(values ...string) Attribute {
	return text("type", "What the value is for", canonical(values...))
}

// elements are the sub-attributes that a multi-valued attribute has by default (RFC 7643 §2.4) around its value.
func elements(value Attribute, types ...string) []Attribute {
	return []Attribute{
		value,
		text("display", "The value as it is shown to people"),
		kind(types...),
		primary(),
	}
}

func primary() Attribute {
	return boolean("primary", "Whether it is the preferred value; true for one at the most")
}
