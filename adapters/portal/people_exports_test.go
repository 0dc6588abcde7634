package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/export"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/ports"
)

func TestOnlyWhoManagesUsersExportsPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town()
	for who, may := range map[string]bool{"manager": true, "owner": true, "accountant": false, "lead": false} {
		assert.Equal(t, may, strings.Contains(w.get(who, "/people").body, "Export what is found"), who)
		assert.Equal(t, may, strings.Contains(w.get(who, "/people/ids").body, "Download the list"), who)
		assert.Equal(t, may, w.post(who, "/people/export", nil).StatusCode == http.StatusOK, who)
		assert.Equal(t, may, w.post(who, "/people/ids/export", url.Values{"problem": {"id-double"}}).StatusCode == http.StatusOK, who)
	}
	assert.Equal(t, http.StatusBadRequest, w.post("manager", "/people/ids/export", nil).StatusCode)
}

func TestAnExportHasWhatWasFoundAndNoFormula(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town()
	got := w.post("manager", "/people/export", url.Values{"state": {"off"}})
	assert.Equal(t, "\ufeffName,userName,Employee ID,State,Off since,Problems,Created\r\n'=Ana Roy,ana@kereru.example,AB12,off,2026-11-26 14:03:00,,2026-11-26 14:03:00\r\n", got.body)
	assert.Equal(t, "text/csv; charset=utf-8", got.Header.Get("Content-Type"))
	assert.Equal(t, `attachment; filename="people-2026-11-26.csv"`, got.Header.Get("Content-Disposition"))
	health := w.post("manager", "/people/ids/export", url.Values{"problem": {"id-double"}}).body
	assert.Contains(t, health, "Tom Reed,tom@kereru.example,004711,active,,id-double,")
	assert.NotContains(t, health, "Mere")
	w.get("lead", "/activity").shows(t, http.StatusOK, "Exported", "a file")
	w.get("lead", "/activity").shows(t, http.StatusOK, "3 acts,")
	assert.NotContains(t, w.get("lead", "/activity").body, "Tom Reed", "what Entra did stands elsewhere")
}

func TestALargeExportIsMadeBehindTheScenesAndKeptForADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(export.MaxAtOnce + 1)
	made := w.post("manager", "/people/export", nil)
	assert.Equal(t, http.StatusSeeOther, made.StatusCode)
	path := made.Header.Get("Location")
	w.people.Wait()
	w.get("manager", path).shows(t, http.StatusOK, "Ready", "10,001 rows", "Download the file", "27 Nov 2026, 14:03")
	file := w.get("manager", path+"/file")
	assert.Equal(t, 10_002, strings.Count(file.body, "\r\n"))
	assert.Equal(t, 1, strings.Count(file.body, "userName"))
	w.get("owner", path).shows(t, http.StatusNotFound, "There is nothing here")
	w.get("owner", path+"/file").shows(t, http.StatusNotFound, "There is nothing here")
	w.clock.advance(25 * time.Hour)
	_, err := w.people.Job(t.Context(), kereru, strings.TrimPrefix(path, "/exports/"))
	require.ErrorIs(t, err, fault.NotFound, "though it is not taken away yet")
	require.NoError(t, w.people.Forget(t.Context(), kereru))
	require.Error(t, w.store.View(t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		_, err := tx.Exports().Get(ctx, strings.TrimPrefix(path, "/exports/"))
		return err
	}))
}

func TestNobodyWithAProblemIsLeftOutHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const without = ports.CountedTo + 2
	w.crowd(2 * without) // each second has no Employee ID
	w.get("manager", "/people?problem=id-missing").shows(t, http.StatusOK, "more than 10,000 people")
	made := w.post("manager", "/people/ids/export", url.Values{"problem": {"id-missing"}})
	assert.Equal(t, http.StatusSeeOther, made.StatusCode)
	w.people.Wait()
	path := made.Header.Get("Location")
	w.get("manager", path).shows(t, http.StatusOK, "Ready", "10,002 rows")
	job, err := w.people.Job(t.Context(), kereru, strings.TrimPrefix(path, "/exports/"))
	require.NoError(t, err)
	assert.Equal(t, without, job.Total, "it is counted to its end")
	assert.Equal(t, 1+without, strings.Count(w.get("manager", path+"/file").body, "\r\n"))
}

func TestAServiceThatStopsLeavesNoFileHalfMadeUnsaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(export.MaxAtOnce + 1)
	w.people.Stop()
	path := w.post("manager", "/people/export", nil).Header.Get("Location")
	w.people.Wait()
	w.get("manager", path).shows(t, http.StatusOK, "Broken off")
}

func TestAFileThatIsBeingMadeTellsHowFarItIsAndOneOfWhichNothingIsHeardIsBroken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := w.unfinished("manager")
	w.get("manager", path).shows(t, http.StatusOK, "2,000 of 25,000 rows written.", `<progress aria-label="The file is being made" max="25000" value="2000">`, "Check again")
	w.get("manager", path+"/file").shows(t, http.StatusNotFound, "There is nothing here")
	w.clock.advance(2 * time.Minute)
	w.get("manager", path).shows(t, http.StatusOK, "Broken off")
	w.get("manager", "/exports/nothing").shows(t, http.StatusNotFound, "There is nothing here")
}

// unfinished gives the address of a file that somebody waits for.
func (w *world) unfinished(who string) string {
	w.t.Helper()
	job := export.Job{ID: newID(), Kind: export.People, State: export.Running, Done: 2000, Total: 25_000, Made: w.clock.Now(), Touched: w.clock.Now()}
	require.NoError(w.t, w.store.Within(w.t.Context(), kereru, func(ctx context.Context, tx ports.Tx) error {
		m, err := tx.Staff().Find(ctx, who+"@kereru.example")
		if err != nil {
			return err
		}
		job.MadeBy = m.ID()
		return tx.Exports().Put(ctx, job)
	}))
	return "/exports/" + job.ID
}
