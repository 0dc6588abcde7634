package entra

import (
	"context"
	"net/http"
)

// create makes a resource in a collection and gives the id that the server chose.
func (s *service) create(ctx context.Context, at step, collection string, body any) (id string, err error) {
	r := request{
		step: at, method: http.MethodPost, template: collection, url: s.wire.address.to(collection),
		body: body, expect: []int{http.StatusCreated},
	}
	var made resource
	if _, err := s.wire.send(ctx, r, &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		s.wire.meter.wrong(r.step)
		return "", r.failure(http.StatusCreated, "", "the resource has no id")
	}
	return made.ID, nil
}

// newUser is the body of POST /Users, in the order of Microsoft's sample.
type newUser struct {
	Schemas      []string         `json:"schemas"`
	ExternalID   string           `json:"externalId,omitempty"`
	UserName     string           `json:"userName"`
	Active       bool             `json:"active"`
	DisplayName  string           `json:"displayName,omitempty"`
	Emails       []primaryValue   `json:"emails"`
	Meta         resourceType     `json:"meta"`
	Name         *fullName        `json:"name,omitempty"`
	PhoneNumbers []typedValue     `json:"phoneNumbers,omitempty"`
	Roles        []struct{}       `json:"roles"` // the sample's empty array
	Enterprise   *enterpriseParts `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,omitempty"`
}

type primaryValue struct {
	Primary bool   `json:"primary"`
	Type    string `json:"type"`
	Value   string `json:"value"`
}

type resourceType struct {
	ResourceType string `json:"resourceType"`
}

type enterpriseParts struct {
	EmployeeNumber string `json:"employeeNumber,omitempty"`
	Department     string `json:"department,omitempty"`
}

func (a *account) creation() newUser {
	u := newUser{
		Schemas:     []string{userSchema, enterpriseSchema},
		ExternalID:  a.EmployeeID,
		UserName:    a.UserPrincipalName,
		Active:      a.active,
		DisplayName: a.DisplayName,
		Emails:      []primaryValue{{Primary: true, Type: "work", Value: a.UserPrincipalName}},
		Meta:        resourceType{"User"},
		Roles:       []struct{}{},
	}
	if a.GivenName != "" || a.Surname != "" {
		u.Name = &fullName{GivenName: unlessEmpty(a.GivenName), FamilyName: unlessEmpty(a.Surname)}
	}
	if a.Mobile != "" {
		u.PhoneNumbers = []typedValue{{Type: "mobile", Value: a.Mobile}}
	}
	if e := (enterpriseParts{EmployeeNumber: a.EmployeeID, Department: a.Department}); e != (enterpriseParts{}) {
		u.Enterprise = &e
	}
	return u
}

func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// newGroup is the body of POST /Groups. Members follow by PATCH (entra.md 1.6).
type newGroup struct {
	Schemas     []string     `json:"schemas"`
	ExternalID  string       `json:"externalId"`
	DisplayName string       `json:"displayName"`
	Meta        resourceType `json:"meta"`
}

func (g *group) creation() newGroup {
	return newGroup{
		Schemas:     []string{groupSchema, microsoftGroupSchema},
		ExternalID:  g.externalID,
		DisplayName: g.name,
		Meta:        resourceType{"Group"},
	}
}
