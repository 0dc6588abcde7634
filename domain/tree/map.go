package tree

// Map gives an object of o's names, each with what by makes of its value; a member that by does not keep is left out.
// Unlike a Set for each member, it does not cost their square.
func (o *Object) Map(by func(name string, v Value) (made Value, keep bool)) *Object {
	mapped := &Object{members: make([]Member, 0, o.Len())}
	for name, v := range o.All() {
		if made, keep := by(name, v); keep {
			mapped.members = append(mapped.members, Member{name, made})
		}
	}
	return mapped
}
