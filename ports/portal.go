package ports

// Portal is what only the Customer Portal needs.
type Portal interface {
	Outbox() Outbox
}
