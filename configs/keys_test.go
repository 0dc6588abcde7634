package configs_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/configs"
)

func TestAKeyIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "data")
	made, err := configs.EnsureKeys(folder, rand.Reader)
	require.NoError(t, err)
	require.Len(t, made, 1)
	assert.Len(t, made[0], 32)
	again, err := configs.EnsureKeys(folder, rand.Reader)
	require.NoError(t, err)
	assert.Equal(t, made, again)

	file, err := os.Stat(filepath.Join(folder, "secret.keys"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), file.Mode())
	names, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, names, 1, "a draft is left behind")
}

func TestProcessesThatStartAtOnceAgreeOnTheKey(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var group sync.WaitGroup
	keys, errs := make([][][]byte, 32), make([]error, 32)
	for i := range keys {
		group.Go(func() { keys[i], errs[i] = configs.EnsureKeys(folder, rand.Reader) })
	}
	group.Wait()
	for i := range keys {
		require.NoError(t, errs[i])
		assert.Equal(t, keys[0], keys[i])
	}
}

func TestABrokenKeyIsNeverReplaced(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "secret.keys")
	require.NoError(t, os.WriteFile(name, []byte("canary"), 0o600))
	_, err := configs.EnsureKeys(folder, rand.Reader)
	require.ErrorContains(t, err, "put back the file")
	assert.NotContains(t, err.Error(), "canary")
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "canary", string(content))
}

func TestADataFolderThatCannotBeWrittenIsOneClearLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := configs.EnsureKeys(filepath.Join(file, "data"), rand.Reader)
	require.ErrorContains(t, err, "choose another folder by --data-dir")
	assert.NotContains(t, err.Error(), "\n")
}
