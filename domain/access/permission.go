// Package access says who may do what in the Customer Portal. Its members are people of an organisation's own who sign
// in; they have nothing to do with the users that SCIM provisions.
package access

import "slices"

// Permission is what a page or an act of the portal needs.
type Permission string

// The permissions.
const (
	Portal             Permission = "Customer Portal Access"
	ManageUsers        Permission = "Manage Users"
	ManageAllocations  Permission = "Manage Allocations"
	ManagePlans        Permission = "Manage Plans"
	StaffManagement    Permission = "Staff Management"
	ManageIntegrations Permission = "Manage Integrations"
)

// Role is a set of permissions that a member holds as a whole. A member may hold several: they add up.
type Role string

// The roles.
const (
	Lead       Role = "lead"
	Manager    Role = "manager"
	Accountant Role = "accountant"
)

// Roles are all roles, in the order in which people read them.
var Roles = []Role{Lead, Manager, Accountant}

// Name is how people call r.
func (r Role) Name() string {
	switch r {
	case Lead:
		return "Organisation Lead"
	case Manager:
		return "Manager"
	case Accountant:
		return "Accountant"
	}
	return string(r)
}

// Permissions are what r allows. Every role opens the portal.
func (r Role) Permissions() []Permission {
	switch r {
	case Lead:
		return []Permission{Portal, StaffManagement, ManageIntegrations}
	case Manager:
		return []Permission{Portal, ManageUsers}
	case Accountant:
		return []Permission{Portal, ManageAllocations, ManagePlans}
	}
	return nil
}

// Allows reports whether one of the roles has the permission.
func Allows(roles []Role, p Permission) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(r.Permissions(), p) })
}
