package migrations_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every folder has the same steps, each with its way back, and their numbers have no gap.
func TestEveryDatabaseHasTheSameSteps(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	steps := map[string][]string{}
	for _, folder := range entries {
		if folder.IsDir() {
			steps[folder.Name()] = stepsIn(t, folder.Name())
		}
	}
	require.Contains(t, steps, "sqlite")
	for folder, names := range steps {
		assert.Equal(t, steps["sqlite"], names, folder)
	}
}

func stepsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	ways := map[string]int{}
	for _, file := range files {
		name, way, ok := strings.Cut(file.Name(), ".")
		require.True(t, ok && (way == "up.sql" || way == "down.sql"), "%s is neither up nor down", file.Name())
		if ways[name]++; way == "up.sql" {
			names = append(names, name)
		}
	}
	for i, name := range names {
		assert.Equal(t, 2, ways[name], "%s goes up and down", name)
		assert.Equal(t, i+1, number(name), name)
	}
	return names
}

func number(name string) int {
	n := 0
	for _, c := range name[:4] {
		n = 10*n + int(c-'0')
	}
	return n
}
