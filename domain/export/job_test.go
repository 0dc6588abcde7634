package export_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/extraordinary/provisioning/domain/export"
)

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+64 21": "'+64 21", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx", "\n=1": "'\n=1",
		"": "", "004711": "004711", "a=b": "a=b", "Ōtara": "Ōtara",
	} {
		assert.Equal(t, want, export.Cell(text), "%q", text)
	}
}

func TestAFileOfWhichNothingIsHeardIsBroken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)
	j := export.Job{State: export.Running, Made: now, Touched: now}
	assert.Equal(t, export.Running, j.At(now.Add(time.Minute)).State)
	assert.Equal(t, export.Broken, j.At(now.Add(time.Minute+1)).State)
	j.State = export.Ready
	assert.Equal(t, export.Ready, j.At(now.Add(time.Hour)).State)
	assert.Equal(t, now.Add(24*time.Hour), j.Expires())
}
