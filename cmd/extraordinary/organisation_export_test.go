package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// archive reads an export, as anybody could.
func archive(t *testing.T, file string) (lines []map[string]any) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	require.NoError(t, err)
	text := bufio.NewScanner(unpacked)
	text.Buffer(nil, 1<<20)
	for text.Scan() {
		var line map[string]any
		require.NoError(t, json.Unmarshal(text.Bytes(), &line))
		lines = append(lines, line)
	}
	require.NoError(t, text.Err())
	return lines
}

func TestAnExportIsAFileForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	exports(t, in(t.TempDir()))
}

func TestAnExportIsAFileForItsOwnerAloneWithPostgresAndRedis(t *testing.T) {
	t.Parallel()
	exports(t, production(t))
}

func exports(t *testing.T, settings []string) {
	t.Helper()
	server := start(t, freeAddress(t), append([]string{"serve"}, settings...)...)
	c, other := customer(t, settings, server.url, "kereru"), customer(t, settings, server.url, "weka")
	status, answer, err := c.ask(http.MethodPost, "/Users", personNamed("mia@kereru.example"))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, status, answer)
	_, _, err = other.ask(http.MethodPost, "/Users", personNamed("tui@weka.example"))
	require.NoError(t, err)

	file := filepath.Join(t.TempDir(), "kereru.jsonl.gz")
	said := must(t, append([]string{"organisation", "export", "kereru", "--file", file, "--output", "json"}, settings...)...)
	var told exported
	decode(t, said, &told)
	assert.Equal(t, file, told.File)
	assert.Equal(t, map[string]int{"Organisation": 1, "ClientCredential": 1, "User": 1, "PortalMember": 1, "Event": 4}, told.Counts)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	lines := archive(t, file)
	require.Len(t, lines, 9)
	assert.Equal(t, "kereru", lines[0]["slug"])
	assert.Equal(t, "mia@kereru.example", lines[3]["document"].(map[string]any)["userName"])
	assert.Equal(t, idIn(t, answer), lines[3]["id"])
	assert.Equal(t, "End", lines[8]["kind"])

	again := speak(t, append([]string{"organisation", "export", "kereru", "--file", file}, settings...)...)
	assert.Equal(t, 1, again.code)
	assert.Contains(t, again.log, "is there already; name another file with --file")
	assert.Len(t, archive(t, file), 9, "it is as it was")
}

func TestAnExportThatFailsLeavesNoFile(t *testing.T) {
	t.Parallel()
	d := withAcme(t)
	s := system{env: d.env, now: d.clock}
	services, err := s.open(t.Context(), withSettings(organisationCommand(s.open)))
	require.NoError(t, err)
	defer func() { assert.NoError(t, services.close()) }()
	o, err := services.organisation(t.Context(), "acme")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "acme.jsonl.gz")
	_, err = services.exportTo(ctx, file, o.ID(), io.Discard)
	require.ErrorIs(t, err, context.Canceled)
	_, err = os.Stat(file)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestAnExportIsNamedAfterTheOrganisation(t *testing.T) { // alone, for the folder is everybody's
	d := withAcme(t)
	t.Chdir(t.TempDir())
	assert.Contains(t, d.does(t, "organisation", "export", "acme"), "acme.jsonl.gz holds everything of acme. Users: 0, groups: 0, members: 0, credentials: 0, lines of the journal: 2.")
	assert.Len(t, archive(t, "acme.jsonl.gz"), 5)
}
