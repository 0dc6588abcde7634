package telemetry_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/telemetry"
)

func TestPoolsAreMeasuredAsTheyAreWhenMetricsAreRead(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	state := telemetry.Pool{Used: 3, Idle: 1, Max: 16, Waits: 7, Waited: 1500 * time.Millisecond}
	require.NoError(t, p.WatchPool("postgres", func() telemetry.Pool { return state }))
	require.NoError(t, p.WatchPool("redis", func() telemetry.Pool { return telemetry.Pool{Idle: 2} }))
	read := func() string {
		w := httptest.NewRecorder()
		p.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	text := read()
	for _, want := range []string{
		`db_client_connection_count{db_client_connection_pool_name="postgres",db_client_connection_state="used"} 3`,
		`db_client_connection_count{db_client_connection_pool_name="postgres",db_client_connection_state="idle"} 1`,
		`db_client_connection_max{db_client_connection_pool_name="postgres"} 16`,
		`extraordinary_db_pool_waits_total{db_client_connection_pool_name="postgres"} 7`,
		`extraordinary_db_pool_wait_duration_seconds_total{db_client_connection_pool_name="postgres"} 1.5`,
		`db_client_connection_count{db_client_connection_pool_name="redis",db_client_connection_state="idle"} 2`,
	} {
		assert.Contains(t, text, want)
	}
	state.Used = 4
	assert.Contains(t, read(), `pool_name="postgres",db_client_connection_state="used"} 4`)
}
