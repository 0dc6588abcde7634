package ports

// Portal is what only the Customer Portal needs.
type Portal interface {
	Staff() Staff
	Sessions() Sessions
	Links() Links
	Outbox() Outbox
	Traffic() Traffic
	People() People
	Health() Health
	Exports() Exports
}
