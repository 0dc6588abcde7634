package traffic

import (
	"strconv"
	"strings"
)

// All words of the log are here, with the names of Entra's screens as they were in 2026: Microsoft moves them. In a remedy,
// what stands between asterisks is the name of a screen, a field or a button.

const (
	connectivity = "*Provisioning* › *Connectivity* (older: *Edit provisioning* › *Admin Credentials*)"
	mapping      = "*Provisioning* › *Attribute mapping* › *Users*"
	assign       = "the app's *Users and groups*"
	restart      = "*Provisioning* › *Restart provisioning*"
)

// Words are what an administrator reads of a code. In Sentence, {name} is the person or group, {detail} what the exchange
// speaks of.
type Words struct {
	Title    string // in lists
	Sentence string
	Remedy   []string // what to change in Entra, step by step
}

// Words gives the words of c.
func (c Code) Words() Words { return words[c] }

var words = map[Code]Words{
	SecretWrong:     {"Wrong client secret", "Entra signed in with a client secret that is not one of yours.", []string{connectivity + ": paste the Client Secret again. Not saved? Generate a new one in Settings › SCIM."}},
	SecretCutOff:    {"Incomplete client secret", "The client secret arrived incomplete or with a space too many.", []string{connectivity + ": paste the Client Secret again, with the *Copy* button of Settings › SCIM."}},
	SecretEnded:     {"Client secret has ended", "The secret {detail} expired or was revoked. Nobody was updated since.", []string{"Generate another secret in Settings › SCIM.", connectivity + ": paste it, then *Test connection*.", restart + " if the job is in quarantine."}},
	ClientUnknown:   {"Unknown client identifier", "Entra signed in with a client identifier that is not yours, or was revoked.", []string{connectivity + ": copy the Client Identifier from Settings › SCIM."}},
	SecretNotSent:   {"No client secret", "Entra sent your client identifier without a secret.", []string{connectivity + ": set *How credentials are sent* to *Header*."}},
	ScopeUnknown:    {"Unknown scope", "Entra asked for the scope {detail}, which we do not have.", []string{connectivity + ": empty *OAuth 2.0 scopes*."}},
	AddressWrong:    {"Wrong address", "Entra called {detail}, which does not exist. Entra quarantines for this.", []string{connectivity + ": the Tenant URL exactly as Settings › SCIM shows it."}},
	UserNameTaken:   {"userName taken", "Another person already has the userName {detail}.", []string{"Two users give one value, or one was renamed: correct the user principal name of one.", "Nothing to press: Entra tries again by itself. In a hurry, stop provisioning and use *Provision on demand*."}},
	GroupTaken:      {"Group name taken", "Two groups are called {detail}. Entra finds groups by name, so names must differ.", []string{"Rename one, or unassign it in " + assign + "."}},
	ValueRefused:    {"Value refused", "{name} was not saved: {detail}.", []string{mapping + ": correct the source or the expression of that row."}},
	FilterRefused:   {"Search refused", "Entra searches in a way that is not possible here: {detail}.", []string{mapping + ": the matching attribute is *userName*."}},
	PersonGone:      {"Person or group is gone", "Entra changed somebody who is not here any more. It still keeps the old id.", []string{restart + ": Entra looks everybody up anew."}},
	MemberUnknown:   {"Unknown member", "{name} was not changed: one of its members is not a person here.", []string{"Assign that person too in " + assign + ".", restart + ": it is not mended before."}},
	TooMany:         {"Too many requests", "Entra sent more than your limit of requests and was asked to slow down. Nothing is lost.", []string{"Nothing. If it lasts, assign in smaller portions."}},
	Paused:          {"Paused", "Refused because provisioning is paused in Settings › SCIM.", []string{"Nothing in Entra. Resume in Settings › SCIM."}},
	OurFault:        {"Our fault", "Our system could not answer. It is our fault; Entra tries again by itself.", []string{"Nothing."}},
	NotKept:         {"Attribute not kept", "We keep no attribute {detail}. All else was saved; Entra may send it each cycle.", []string{mapping + ": delete the row, or ask us to register the schema."}},
	IDMissing:       {"No Employee ID", "{name} has no Employee ID, so a salary sacrifice cannot reach them.", []string{"Fill *employeeId* of the user.", mapping + ": externalId ← employeeId, *Always*."}},
	IDDouble:        {"Employee ID shared", "{name} and somebody else both have the Employee ID {detail}. Payments to it are held.", []string{"Correct the *employeeId* of one."}},
	IDNearDouble:    {"Employee ID nearly shared", "{detail} differs from another Employee ID by case, space or zeros only.", []string{"Make one clearly different."}},
	IDLong:          {"Employee ID too long", "{detail} is longer than the 12 characters of a New Zealand bank reference; the bank will cut it.", []string{"Shorten it; else only a unique beginning of 12 can match."}},
	IDIsObjectID:    {"Employee ID is an object id", "The Employee ID of {name} is a directory object id (GUID).", []string{mapping + ": externalId from *objectId* to *employeeId*."}},
	IDIsAlias:       {"Employee ID is the mail nickname", "The Employee ID of {name} equals the mail nickname: Entra's default mapping is still on.", []string{mapping + ": externalId from *mailNickname* to *employeeId*."}},
	IDIsEmail:       {"Employee ID is an e-mail address", "The Employee ID of {name} is an e-mail address; banks refuse the @.", []string{mapping + ": externalId ← *employeeId*."}},
	IDChanged:       {"Employee ID changed", "The Employee ID of {name} changed: {detail}. Payments to the old one match for 90 days, if you confirm it.", []string{"Nothing, or undo it in the user. Confirm the old one on the person's page."}},
	EmailNoType:     {"E-mail without a type", "An e-mail of {name} came without a type. It is kept, but not used to write to them.", []string{mapping + `: the target is emails[type eq "work"].value.`}},
	MobileNotMapped: {"No mobile number", "No mobile number came from anybody.", []string{mapping + `: phoneNumbers[type eq "mobile"].value ← mobile, *Always*.`}},

	ActiveNotMapped:  {"active is not mapped", "Entra never sends active: leavers keep access.", []string{mapping + ": restore the row active ← Switch([IsSoftDeleted] …)."}},
	MatchingByID:     {"Matching by Employee ID", "Entra finds people by Employee ID, and some have none: doubles and 409s follow.", []string{mapping + ": *userName* as the matching attribute, precedence 1."}},
	GroupEmpty:       {"Group without members", "{name} has no member. Groups inside groups are not read by Entra.", []string{"Assign the inner groups directly in " + assign + "."}},
	QuarantineLikely: {"Quarantine likely", "{detail}: Entra quarantines such a job, then runs it once a day, and stops after 4 weeks.", []string{"Remove the cause named in the log.", restart + "."}},
	Late:             {"Late", "Nothing came from Entra for {detail}.", []string{"*Provisioning* › *Overview*: it may be stopped, in quarantine, or its secret may have expired."}},
}

// Sentence says what became of e.
func (e Exchange) Sentence() string {
	name := e.Name
	if name == "" {
		name = "Somebody"
		if e.About == Group {
			name = "A group"
		}
	}
	if c := e.Code(); c != "" {
		return strings.NewReplacer("{name}", name, "{detail}", e.Detail).Replace(words[c].Sentence)
	}
	if e.Quiet() && e.Count > 1 && e.Name == "" {
		return strconv.Itoa(e.Count) + " look-ups, all answered."
	}
	switch e.Act {
	case Created:
		return name + " was created."
	case Changed:
		return name + " was changed."
	case SwitchedOff:
		return name + " was switched off."
	case SwitchedOn:
		return name + " was switched on again."
	case Deleted:
		return name + " was deleted."
	case Members:
		return "The members of " + name + " were changed."
	case LookedFor:
		return "Entra looked for " + name + "."
	case Read:
		return "Entra read " + name + "."
	case Tested:
		return "Entra tested the connection."
	case Token:
		return "Entra fetched an access token."
	case Many:
		return "Entra sent several changes at once."
	case Unrecorded:
		return strconv.Itoa(e.Count) + " look-ups not recorded: more came than the log could write."
	case Other:
	}
	return "Entra asked how this server works."
}

// Title is what was asked for, in lists.
func (a Act) Title() string {
	switch a {
	case Created:
		return "Created"
	case Changed:
		return "Changed"
	case SwitchedOff:
		return "Switched off"
	case SwitchedOn:
		return "Switched on"
	case Deleted:
		return "Deleted"
	case Members:
		return "Members changed"
	case LookedFor:
		return "Looked for"
	case Read:
		return "Read"
	case Tested:
		return "Connection tested"
	case Token:
		return "Token"
	case Many:
		return "Several changes"
	case Unrecorded:
		return "Not recorded"
	case Other:
	}
	return "Other"
}
