package ports

// Portal is what only the Customer Portal needs.
type Portal interface {
	Access
	Outbox() Outbox
	Traffic() Traffic
	Lists
}

// Access is who may sign in to it.
type Access interface {
	Staff() Staff
	Sessions() Sessions
	Links() Links
}
