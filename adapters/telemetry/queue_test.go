package telemetry_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry"
)

func TestAQueueTellsItsLengthAndHowLateItsFirstIs(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	running, err := telemetry.Start(t.Context(), telemetry.Options{Log: discard(), Now: func() time.Time { return now }, Env: lookup(nil)})
	require.NoError(t, err)
	p := process{Telemetry: running}
	waiting, first, fault := 3, now.Add(-90*time.Second), error(nil)
	require.NoError(t, p.WatchQueue("mail", func(context.Context) (int, time.Time, error) { return waiting, first, fault }))
	expect := func(want ...string) {
		t.Helper()
		assert.Equal(t, want, append(p.series(t, "extraordinary_queue_depth{"), p.series(t, "extraordinary_queue_oldest_age_seconds{")...))
	}
	expect(`extraordinary_queue_depth{queue="mail"} 3`, `extraordinary_queue_oldest_age_seconds{queue="mail"} 90`)
	first = now.Add(time.Hour)
	expect(`extraordinary_queue_depth{queue="mail"} 3`, `extraordinary_queue_oldest_age_seconds{queue="mail"} 0`)
	waiting, first = 0, time.Time{}
	expect(`extraordinary_queue_depth{queue="mail"} 0`, `extraordinary_queue_oldest_age_seconds{queue="mail"} 0`)
	fault = errors.New("the store is down")
	assert.Empty(t, p.series(t, "extraordinary_queue_"), "what nobody knows is not told to be 0")
}
