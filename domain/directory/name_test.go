package directory_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/directory"
	"github.com/extraordinary/provisioning/domain/tree"
)

func TestAPersonIsCalledByTheBestNameThereIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"userName":"tom@x.nz","displayName":"Tom Reed","name":{"givenName":"Thomas","familyName":"Reed"}}`: "Tom Reed",
		`{"userName":"tom@x.nz","displayName":" ","name":{"givenName":"Thomas","familyName":"Reed"}}`:        "Thomas Reed",
		`{"userName":"tom@x.nz","name":{"familyName":"Reed"}}`:                                               "Reed",
		`{"userName":"tom@x.nz","name":{}}`:                                                                  "tom@x.nz",
	} {
		v, err := tree.Parse([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, want, directory.Name(v.(*tree.Object)), text)
	}
}

func TestWhoIsNotSwitchedOffIsActive(t *testing.T) {
	t.Parallel()
	assert.True(t, directory.Active(tree.NewObject()))
	assert.True(t, directory.Active(tree.NewObject(tree.Member{Name: "active", Value: true})))
	assert.False(t, directory.Active(tree.NewObject(tree.Member{Name: "active", Value: false})))
}
