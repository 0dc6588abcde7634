// Package scim is the algebra of SCIM queries: attribute paths and filters are read, bound to the schemas of a
// resource type and matched, without a server.
package scim
