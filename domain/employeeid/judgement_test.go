package employeeid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/fault"
)

var begun = time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC)

func TestAnEarlierIDIsConfirmedForNinetyDaysWhereItMeansNobodyElse(t *testing.T) {
	t.Parallel()
	former := employeeid.Former{ID: "004711", Changed: begun}
	last := begun.Add(90*24*time.Hour - time.Second)
	j, err := employeeid.ConfirmEarlier("tom", former, []string{"", "104711", "47110"}, "ana", last)
	require.NoError(t, err)
	assert.Equal(t, employeeid.Judgement{Person: "tom", About: employeeid.Earlier, ID: "004711", By: "ana", At: last, Until: begun.Add(90 * 24 * time.Hour)}, j)
	_, err = employeeid.ConfirmEarlier("tom", former, nil, "ana", last.Add(time.Second))
	require.ErrorIs(t, err, fault.Stale)
	for _, other := range []string{"004711", "4711", " 00 4711"} {
		_, err := employeeid.ConfirmEarlier("tom", former, []string{"x", other}, "ana", begun)
		require.ErrorIs(t, err, fault.Conflict, "%q may be taken for it", other)
	}
	assert.True(t, employeeid.MeansAnother("ABCDEFGHIJKLM", []string{"abcdefghijklN"}), "a bank cuts both to the same")
	assert.False(t, employeeid.MeansAnother("ABCDEFGHIJKM", []string{"abcdefghijkN"}))
}

func TestAProblemIsKnownForAReason(t *testing.T) {
	t.Parallel()
	j, err := employeeid.KnownProblem("tom", employeeid.Long, "1234567890123", "  agreed ", "ana", begun)
	require.NoError(t, err)
	assert.Equal(t, employeeid.Judgement{Person: "tom", About: employeeid.Long, ID: "1234567890123", Reason: "agreed", By: "ana", At: begun}, j)
	for name, c := range map[string]struct {
		about  employeeid.Problem
		reason string
		at     string
	}{
		"no reason":             {employeeid.Long, " \t", "reason"},
		"a reason without end":  {employeeid.Long, strings.Repeat("ā", 201), "reason"},
		"no problem":            {"", "x", "problem"},
		"an earlier ID is none": {employeeid.Earlier, "x", "problem"},
	} {
		_, err := employeeid.KnownProblem("tom", c.about, "1", c.reason, "ana", begun)
		require.ErrorIs(t, err, fault.Invalid, name)
		assert.Equal(t, c.at, fault.Of(err).Path, name)
	}
	_, err = employeeid.KnownProblem("tom", employeeid.Long, "1", strings.Repeat("ā", 200), "ana", begun)
	require.NoError(t, err, "characters are counted, not bytes")
}
