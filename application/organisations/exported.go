package organisations

import (
	"encoding/json"
	"time"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/credential"
	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/domain/tree"
)

// The kinds of lines.
const (
	kindOrganisation = "Organisation"
	kindClient       = "ClientCredential"
	kindSchema       = "Schema"
	kindUser         = "User"
	kindGroup        = "Group"
	kindMember       = "Member"
	kindStaff        = "PortalMember"
	kindJudgement    = "Judgement"
	kindEvent        = "Event"
	kindEnd          = "End"
)

type exportedOrganisation struct {
	Kind      string              `json:"kind"`
	ID        organisation.ID     `json:"id"`
	Slug      string              `json:"slug"`
	Name      string              `json:"name"`
	Owner     string              `json:"owner"`
	Status    organisation.Status `json:"status"`
	TokenLife int                 `json:"token_life_seconds"`
	RateLimit *int                `json:"rate_limit"` // requests a second; 0: none, null: what the service is set to
	Created   time.Time           `json:"created_at"`
}

// exportedStaff is somebody who may sign in to the portal.
type exportedStaff struct {
	Kind       string        `json:"kind"`
	ID         string        `json:"id"`
	Email      string        `json:"email"`
	Name       string        `json:"name"`
	Roles      []access.Role `json:"roles"`
	SecondStep bool          `json:"second_step"`
	Invited    time.Time     `json:"invited_at"`
	Joined     *time.Time    `json:"joined_at"`
}

type exportedSchema struct {
	Kind       string          `json:"kind"`
	Of         string          `json:"resource_type"`
	Definition json.RawMessage `json:"definition"`
}

type exportedCredential struct {
	Kind     string             `json:"kind"`
	ClientID string             `json:"client_id"`
	Name     string             `json:"name"`
	Scopes   []credential.Scope `json:"scopes"`
	Created  time.Time          `json:"created_at"`
	Revoked  *time.Time         `json:"revoked_at"`
	Secrets  []exportedSecret   `json:"secrets"`
}

// exportedSecret tells of a secret what the list of credentials does; its hash stays here.
type exportedSecret struct {
	KeyID    string     `json:"key_id"`
	Created  time.Time  `json:"created_at"`
	Expires  time.Time  `json:"expires_at"`
	LastUsed *time.Time `json:"last_used_at"`
}

func exportCredential(s credential.Snapshot) exportedCredential {
	c := exportedCredential{kindClient, s.ClientID, s.Name, s.Scopes, s.Created, orNull(s.Revoked), []exportedSecret{}}
	for _, secret := range s.Secrets {
		c.Secrets = append(c.Secrets, exportedSecret{secret.KeyID, secret.Created, secret.Expires, orNull(secret.LastUsed)})
	}
	return c
}

// exportedResource is a user or a group. What the service gives of it over SCIM is the document, the id, and the meta that
// follows from the rest.
type exportedResource struct {
	Kind     string          `json:"kind"`
	ID       directory.ID    `json:"id"`
	Version  int64           `json:"version"`
	Created  time.Time       `json:"created_at"`
	Modified time.Time       `json:"modified_at"`
	Document json.RawMessage `json:"document"`
}

func exportResource(kind string, d directory.Document) exportedResource {
	return exportedResource{kind, d.ID, d.Version, d.Created, d.Modified, d.Body}
}

type exportedMember struct {
	Kind  string       `json:"kind"`
	Group directory.ID `json:"group"`
	ID    directory.ID `json:"id"`
	Type  string       `json:"type"` // User or Group
}

type exportedEvent struct {
	Kind    string           `json:"kind"`
	ID      string           `json:"id"`
	At      time.Time        `json:"at"`
	Actor   exportedActor    `json:"actor"`
	Action  activity.Action  `json:"action"`
	Subject exportedSubject  `json:"subject"`
	Changes []exportedChange `json:"changes"`
	Trace   string           `json:"trace"`
	Address string           `json:"address"` // where a member was; empty of others
}

// exportedJudgement is what a member of the portal said of somebody's Employee ID.
type exportedJudgement struct {
	Kind   string             `json:"kind"`
	Person string             `json:"user"`
	About  employeeid.Problem `json:"about"`
	ID     string             `json:"employee_id"`
	Reason string             `json:"reason"`
	By     string             `json:"by"`
	At     time.Time          `json:"at"`
	Until  *time.Time         `json:"until"`
}

type exportedActor struct {
	Kind activity.ActorKind `json:"kind"`
	ID   string             `json:"id"`
}

type exportedSubject struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

type exportedChange struct {
	Path string          `json:"path"`
	From json.RawMessage `json:"from"`
	To   json.RawMessage `json:"to"`
}

func exportEvent(e activity.Event) exportedEvent {
	out := exportedEvent{
		kindEvent, e.ID, e.At, exportedActor(e.Actor), e.Action, exportedSubject(e.Subject), []exportedChange{}, e.Trace, e.Address,
	}
	for _, c := range e.Changes {
		out.Changes = append(out.Changes, exportedChange{c.Path, tree.Append(nil, c.From), tree.Append(nil, c.To)})
	}
	return out
}

// exportedEnd is the last line: an archive without it was broken off.
type exportedEnd struct {
	Kind   string         `json:"kind"`
	At     time.Time      `json:"at"`
	Counts map[string]int `json:"counts"`
}

func (l *lines) end(at time.Time) error {
	return l.to.Encode(exportedEnd{kindEnd, at.UTC(), l.counts})
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
