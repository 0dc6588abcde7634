package scim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/scim"
	"github.com/extraordinary/provisioning/domain/tree"
)

func TestMatchElementAsksOneElement(t *testing.T) {
	t.Parallel()
	user := payroll().Type("User")
	emails, _ := user.Resolve("", "emails", "")
	tags, _ := user.Resolve("", "tags", "")
	work := tree.NewObject(tree.Member{Name: "value", Value: "a@example.com"}, tree.Member{Name: "type", Value: "work"})
	for path, want := range map[string]bool{
		`emails[type eq "WORK" and value ew "example.com"]`: true,
		`emails[type eq "home"]`:                            false,
		`emails[not (display pr)]`:                          true,
		`emails[primary ne true]`:                           true,
	} {
		p, err := scim.ParsePath(path)
		require.NoError(t, err)
		bound, err := scim.BindElement(p.Filter, user, emails)
		require.NoError(t, err)
		assert.Equal(t, want, scim.MatchElement(bound, work), path)
	}

	p, err := scim.ParsePath(`tags[value sw "R"]`)
	require.NoError(t, err)
	bound, err := scim.BindElement(p.Filter, user, tags)
	require.NoError(t, err)
	assert.True(t, scim.MatchElement(bound, "red"))
	assert.False(t, scim.MatchElement(bound, "blue"))
	assert.False(t, scim.MatchElement(bound, nil))

	_, err = scim.BindElement(p.Filter, user, emails)
	require.NoError(t, err)
	p, err = scim.ParsePath(`tags[colour eq "red"]`)
	require.NoError(t, err)
	_, err = scim.BindElement(p.Filter, user, tags)
	require.ErrorIs(t, err, fault.InvalidFilter)
}
