package traffic

import "slices"

// Code names a problem. It is fixed: people search for it, and links hold it.
type Code string

// The problems. Those of R refuse a request, those of N are notes at one that was done, those of W show over many.
const (
	SecretWrong   Code = "secret-wrong"    // R 401
	SecretCutOff  Code = "secret-cut-off"  // R 401
	SecretEnded   Code = "secret-ended"    // R 401
	ClientUnknown Code = "client-unknown"  // R 401
	SecretNotSent Code = "secret-not-sent" // R 401
	ScopeUnknown  Code = "scope-unknown"   // R 400
	AddressWrong  Code = "address-wrong"   // R 404
	UserNameTaken Code = "username-taken"  // R 409
	GroupTaken    Code = "group-name-taken"
	ValueRefused  Code = "value-refused"  // R 400
	FilterRefused Code = "filter-refused" // R 400
	PersonGone    Code = "person-gone"    // R 404
	MemberUnknown Code = "member-unknown" // R 400
	TooMany       Code = "too-many"       // R 429
	Paused        Code = "paused"         // R 503
	OurFault      Code = "our-fault"      // R 5xx

	NotKept         Code = "attribute-not-kept"
	IDMissing       Code = "id-missing"
	IDDouble        Code = "id-double"
	IDNearDouble    Code = "id-near-double"
	IDLong          Code = "id-long"
	IDIsObjectID    Code = "id-is-object-id"
	IDIsAlias       Code = "id-is-alias"
	IDIsEmail       Code = "id-is-email"
	IDChanged       Code = "id-changed"
	EmailNoType     Code = "email-no-type"
	MobileNotMapped Code = "mobile-not-mapped"

	ActiveNotMapped  Code = "active-not-mapped"
	MatchingByID     Code = "matching-by-id"
	GroupEmpty       Code = "group-empty"
	QuarantineLikely Code = "quarantine-likely"
	Late             Code = "late"
)

// Refusals are the codes of requests that were refused, the gravest first.
var Refusals = []Code{
	SecretWrong, SecretCutOff, SecretEnded, ClientUnknown, SecretNotSent, ScopeUnknown, AddressWrong, UserNameTaken, GroupTaken,
	ValueRefused, FilterRefused, PersonGone, MemberUnknown, TooMany, Paused, OurFault,
}

// Notes are the codes of requests that were done.
var Notes = []Code{
	NotKept, IDMissing, IDDouble, IDNearDouble, IDLong, IDIsObjectID, IDIsAlias, IDIsEmail, IDChanged, EmailNoType, MobileNotMapped,
}

// Watches are the codes of what shows over many requests.
var Watches = []Code{ActiveNotMapped, MatchingByID, GroupEmpty, QuarantineLikely, Late}

// Codes are all.
var Codes = slices.Concat(Refusals, Notes, Watches)
