package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/servertest"
	"github.com/extraordinary/provisioning/adapters/telemetry"
	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
	"github.com/extraordinary/provisioning/domain/credential"
)

// program finds one of Prometheus's programs. In CI it must be there.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("there is no %s: install Debian's package prometheus", name)
	}
	if err != nil {
		t.Skipf("SKIPPED, nothing of it was tested: there is no %s; install Debian's package prometheus", name) //nolint:forbidigo // not everybody has it; CI must
	}
	return path
}

func TestAlertsFireAndStaySilent(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(configured, "prometheus")
	test := exec.Command(program(t, "promtool"), "test", "rules", filepath.Join(folder, "rules_test.yml"), filepath.Join(folder, "rules_days_test.yml"))
	output, err := test.CombinedOutput()
	require.NoError(t, err, string(output))
	output, err = exec.Command(program(t, "promtool"), "check", "config", "--syntax-only", filepath.Join(folder, "prometheus.yml")).CombinedOutput()
	require.NoError(t, err, string(output))
}

// prometheus is one that runs, and scrapes each second by our own configuration and rules.
type prometheus struct{ url string }

func startPrometheus(t *testing.T, targets ...string) prometheus {
	t.Helper()
	path := program(t, "prometheus")
	rules, err := filepath.Abs(configured + "/prometheus/rules.yml")
	require.NoError(t, err)
	config := strings.NewReplacer("15s", "1s", "30s", "1s", "replica-1:9090, replica-2:9090", strings.Join(targets, ", "), "rules.yml", rules).
		Replace(fileText(t, configured+"/prometheus/prometheus.yml"))
	require.Contains(t, config, targets[0])
	file := filepath.Join(t.TempDir(), "prometheus.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	address := freeAddress(t)
	log := &telemetrytest.Log{}
	server := exec.Command(path, "--config.file="+file, "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+address, "--enable-feature=exemplar-storage")
	server.Stdout, server.Stderr = log, log
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	p := prometheus{"http://" + address}
	require.Eventually(t, func() bool {
		answer, err := http.Get(p.url + "/-/ready")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, 30*time.Second, 50*time.Millisecond, "%s", log)
	return p
}

// get asks the API, and decodes its data.
func (p prometheus) get(path string, query url.Values, data any) error {
	answer, err := http.Get(p.url + "/api/v1/" + path + "?" + query.Encode())
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	whole := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(answer.Body).Decode(&whole); err != nil {
		return err
	}
	if whole.Status != "success" {
		return fmt.Errorf("%s", whole.Error)
	}
	return nil
}

// series counts what an expression gives now.
func (p prometheus) series(expression string) (int, error) {
	var data struct{ Result []any }
	err := p.get("query", url.Values{"query": {expression}}, &data)
	return len(data.Result), err
}

// comparison is the part of an alert that is not met while all is well.
var comparison = regexp.MustCompile(`\s*(>=|>|<)\s*[\d.]+`)

// expressions gives every expression of dashboards and rules by where it stands.
func expressions(t *testing.T, organisation string) map[string]string {
	t.Helper()
	all := map[string]string{}
	variables := strings.NewReplacer("$__rate_interval", "1m", "$__range", "1h", "$__interval", "30s", "$organisation", organisation)
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				all[name+": "+p.Title+" "+target.RefID] = variables.Replace(target.Expr)
			}
		}
	}
	for _, g := range ruleGroups(t) {
		for i, r := range g.Rules {
			if r.Record != "" {
				all[fmt.Sprintf("%s %d, recorded", r.Record, i)] = r.Record
			}
			all[fmt.Sprintf("%s%s %d", r.Record, r.Alert, i)] = comparison.ReplaceAllString(r.Expr, "")
		}
	}
	return all
}

// Every expression of every dashboard, rule and variable is asked of a Prometheus that scrapes two replicas, which have
// answered in every way that they can.
func TestNoPanelAndNoRuleIsEmpty(t *testing.T) {
	t.Parallel()
	postgres, database := servertest.OwnPostgres(t)
	redis := servertest.OwnRedis(t)
	receiver := telemetrytest.NewReceiver(t)
	settings := keptIn(database, redis.URL+patiently)
	h := &house{}
	h.http.Timeout = 20 * time.Second
	addresses := []string{freeAddress(t), freeAddress(t)}
	for _, address := range addresses {
		h.replicas = append(h.replicas, &replica{process: startIn(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + receiver.URL}, address, append([]string{"serve", "--rate-limit", "10"}, settings...)...)})
	}
	p := startPrometheus(t, addresses...)
	h.client = customer(t, settings, h.replicas[0].url, "kereru") // the one in trouble
	broken, err := credential.OrganisationOf(h.client.credential["client_id"])
	require.NoError(t, err)
	for i, well := range []string{"weka", "tui"} {
		c := customer(t, settings, h.replicas[i].url, well)
		out := must(t, "simulate", "entra", "--tenant-url", c.credential["tenant_url"], "--token-endpoint", c.credential["token_endpoint"],
			"--client-id", c.credential["client_id"], "--client-secret", c.credential["client_secret"], "--users", "8", "--groups", "1", "--concurrency", "2")
		require.Contains(t, out, "People: ")
	}
	for _, at := range h.replicas {
		h.served(t, at) // though the stores were away
		h.answersInEveryWay(t, at)
		h.breaks(t, at, openTables(t, "pgx", database.Superuser))
		redis.Stop()
		h.expect(t, at, "read without Redis", h.read(h.client.token), http.StatusServiceUnavailable, "")
		h.expect(t, at, "a grant without Redis", h.grant(), http.StatusServiceUnavailable, "")
		h.ask(t, at, h.oauth("token", "scs_wrong", url.Values{"grant_type": {"client_credentials"}})) // counted by the replica
		redis.Start()
		h.served(t, at)
		postgres.Stop()
		h.expect(t, at, "read without Postgres", h.read(h.client.token), http.StatusServiceUnavailable, "")
		postgres.Start()
		h.served(t, at)
	}
	for range 4 { // as many connections as may have been cut
		h.served(t, h.replicas[0])
	}
	doomed := customer(t, settings, h.replicas[0].url, "moa")
	h.refusesInEveryWay(t, doomed, settings, openTables(t, "pgx", database.Superuser))
	require.Eventually(t, func() bool {
		var refused atomic.Bool
		var all sync.WaitGroup
		for range 16 { // a slow machine answers one after the other no faster than the limit allows
			all.Go(func() {
				if r, err := h.send(h.replicas[0], h.read(h.client.token)); err == nil && r.status == http.StatusTooManyRequests {
					refused.Store(true)
				}
			})
		}
		all.Wait()
		return refused.Load()
	}, 20*time.Second, time.Millisecond)

	var organisations []string
	require.Eventually(t, func() bool {
		err := p.get("label/organisation/values", url.Values{"match[]": {"extraordinary_organisation_requests_total"}}, &organisations)
		return err == nil && len(organisations) == 4
	}, 20*time.Second, 200*time.Millisecond)
	for _, b := range boards(t) {
		for _, v := range b.Templating.List {
			assert.True(t, v.Type == "datasource" || v.Definition == "label_values(extraordinary_organisation_requests_total, organisation)", "%s: the variable %s is not asked for above", b.Title, v.Name)
		}
	}
	assert.Contains(t, organisations, string(broken))
	for panel, expression := range ranking(t) {
		require.Eventually(t, func() bool { return p.first(t, expression, "organisation") == string(broken) }, 20*time.Second, 500*time.Millisecond, "the organisation in trouble is first in %q", panel)
	}
	for _, outcome := range []telemetry.GrantOutcome{telemetry.Granted, telemetry.BadClient, telemetry.BadScope, telemetry.ExpiredSecret, telemetry.Suspended, telemetry.Throttled, telemetry.Unserved} {
		assert.Eventually(t, func() bool {
			return p.first(t, fmt.Sprintf(`extraordinary_token_grants_total{outcome=%q} > 0`, outcome), "outcome") != ""
		}, 20*time.Second, 500*time.Millisecond, "no token was %s", outcome)
	}
	left := expressions(t, string(broken))
	require.Greater(t, len(left), 80)
	for end := time.Now().Add(time.Minute); len(left) > 0 && time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		for where, expression := range left {
			n, err := p.series(expression)
			require.NoError(t, err, "%s: %s", where, expression)
			if n > 0 {
				delete(left, where)
			}
		}
	}
	for where, expression := range left {
		t.Errorf("%s is empty: %s", where, expression)
	}
	figures := ""
	for _, at := range h.replicas {
		figures += openMetrics(t, at.url)
	}
	require.Contains(t, figures, `# {`, "there are no exemplars to be searched")
	h.checkExemplars(t, p, receiver)
	for what, canary := range map[string]string{"a person": "@kereru.example", "the token": h.client.token, "the secret": h.client.credential["client_secret"], "a wrong secret": "scs_wrong", "a query": "filter="} {
		for place, text := range map[string]string{"the traces": receiver.Text(), "/metrics": figures, "a log": h.replicas[0].log.String() + h.replicas[1].log.String()} {
			assert.NotEmpty(t, text, place)
			if strings.Contains(text, canary) {
				t.Errorf("%s hold %s", place, what)
			}
		}
	}
}

// openMetrics reads /metrics as Prometheus does: that form alone has exemplars.
func openMetrics(t *testing.T, server string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, server+"/metrics", nil)
	require.NoError(t, err)
	request.Header.Set("Accept", "application/openmetrics-text")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(text)
}

// answersInEveryWay makes a replica give all answers that need no fault of its own.
func (h *house) answersInEveryWay(t *testing.T, at *replica) {
	t.Helper()
	made := h.expect(t, at, "create", h.create(), http.StatusCreated, "")
	var user struct{ ID, UserName string }
	decode(t, made.text, &user)
	h.expect(t, at, "create again", h.scim(http.MethodPost, "/Users", h.client.token, personNamed(user.UserName)), http.StatusConflict, "")
	h.expect(t, at, "read", h.scim(http.MethodGet, "/Users/"+user.ID, h.client.token, ""), http.StatusOK, "")
	h.expect(t, at, "look for", h.scim(http.MethodGet, "/Users?filter="+url.QueryEscape(fmt.Sprintf("userName eq %q", user.UserName)), h.client.token, ""), http.StatusOK, user.ID)
	h.expect(t, at, "read nobody", h.scim(http.MethodGet, "/Users/0190a0b0-0000-7000-8000-000000000000", h.client.token, ""), http.StatusNotFound, "")
	h.expect(t, at, "an address of nothing", h.scim(http.MethodGet, "/Nothing", h.client.token, ""), http.StatusNotFound, "")
	h.expect(t, at, "a stranger", h.read("sat_garbage"), http.StatusUnauthorized, "")
	h.expect(t, at, "a grant", h.grant(), http.StatusOK, "")
	h.expect(t, at, "a wrong secret", h.oauth("token", "scs_wrong", url.Values{"grant_type": {"client_credentials"}}), http.StatusUnauthorized, "trace_id")
	h.expect(t, at, "introspection", h.introspect(h.client.token), http.StatusOK, "")
	h.expect(t, at, "revocation", h.revoke("sat_garbage"), http.StatusOK, "")
}

// ranking gives the expressions of the panels that tell which organisations are worst off, over all of the test.
func ranking(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, b := range boards(t) {
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				if strings.HasPrefix(target.Expr, "topk(10, sum by (organisation) (rate(") {
					all[p.Title] = strings.ReplaceAll(target.Expr, "$__rate_interval", "1h")
				}
			}
		}
	}
	require.GreaterOrEqual(t, len(all), 2, "what they were refused, and what we failed")
	return all
}

// first gives a label of the first series that an expression has; empty if it has none.
func (p prometheus) first(t *testing.T, expression, label string) string {
	t.Helper()
	var found struct {
		Result []struct{ Metric map[string]string }
	}
	require.NoError(t, p.get("query", url.Values{"query": {expression}}, &found))
	if len(found.Result) == 0 {
		return ""
	}
	return found.Result[0].Metric[label]
}

// breaks makes a replica give the two answers that are left: to a change of what has changed, and to a row that is damaged.
func (h *house) breaks(t *testing.T, at *replica, db tables) {
	t.Helper()
	id := idIn(t, h.expect(t, at, "create", h.create(), http.StatusCreated, "").text)
	stale := h.scim(http.MethodPatch, "/Users/"+id, h.client.token, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`)
	stale.match = `W/"999"`
	h.expect(t, at, "change what has changed", stale, http.StatusPreconditionFailed, "")
	_, err := db.ExecContext(t.Context(), "UPDATE users SET document = 'damaged' WHERE id = $1", id)
	require.NoError(t, err)
	stale.match = ""
	h.expect(t, at, "read what is damaged", h.scim(http.MethodGet, "/Users/"+id, h.client.token, ""), http.StatusInternalServerError, `"status":"500"`)
	h.expect(t, at, "look for what is damaged", h.scim(http.MethodGet, "/Users?filter=id+eq+%22"+id+"%22", h.client.token, ""), http.StatusInternalServerError, `"status":"500"`)
	r := h.expect(t, at, "change what is damaged", stale, http.StatusInternalServerError, `"status":"500"`)
	assert.NotContains(t, r.text, "damaged")
	_, err = db.ExecContext(t.Context(), "DELETE FROM users WHERE id = $1", id)
	require.NoError(t, err)
}

// refusesInEveryWay has tokens refused for each reason but our own faults.
func (h *house) refusesInEveryWay(t *testing.T, doomed client, settings []string, db tables) {
	t.Helper()
	ask := func(what, clientID, secret, scope string, status int) {
		t.Helper()
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}}
		if scope != "" {
			form.Set("scope", scope)
		}
		h.expect(t, h.replicas[0], what, question{method: http.MethodPost, path: "/oauth2/token", contentType: "application/x-www-form-urlencoded", body: form.Encode()}, status, "trace_id")
	}
	id, secret := doomed.credential["client_id"], doomed.credential["client_secret"]
	ask("a scope that there is not", id, secret, "user.read", http.StatusBadRequest)
	ask("a client that there is not", id[:len(id)-10]+"0000000000", secret, "", http.StatusUnauthorized)
	must(t, append([]string{"organisation", "suspend", "moa"}, settings...)...)
	ask("an organisation that is suspended", id, secret, "", http.StatusUnauthorized)
	must(t, append([]string{"organisation", "resume", "moa"}, settings...)...)
	_, err := db.ExecContext(t.Context(), "UPDATE secrets SET expires_at = created_at + 1 WHERE client_id = $1", id)
	require.NoError(t, err)
	ask("a secret that has ended", id, secret, "", http.StatusUnauthorized)
	for range 60 {
		if h.ask(t, h.replicas[0], question{method: http.MethodPost, path: "/oauth2/token", contentType: "application/x-www-form-urlencoded", body: url.Values{
			"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {"scs_guess"},
		}.Encode()}).status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("nobody is told to stop guessing")
}

// served waits until at serves, whatever it says meanwhile: it may be above a limit, or without a store.
func (h *house) served(t *testing.T, at *replica) {
	t.Helper()
	require.Eventually(t, func() bool { return h.ask(t, at, h.read(h.client.token)).status == http.StatusOK }, 20*time.Second, 500*time.Millisecond)
}

// checkExemplars follows the exemplars of the latencies to traces that have arrived.
func (h *house) checkExemplars(t *testing.T, p prometheus, receiver *telemetrytest.Receiver) {
	t.Helper()
	var found []struct {
		Exemplars []struct{ Labels map[string]string }
	}
	now := time.Now()
	require.NoError(t, p.get("query_exemplars", url.Values{
		"query": {"http_server_request_duration_seconds_bucket"}, "start": {fmt.Sprint(now.Add(-10 * time.Minute).Unix())}, "end": {fmt.Sprint(now.Unix() + 1)},
	}, &found))
	for _, at := range h.replicas {
		at.end(t, syscall.SIGTERM) // which sends what is held
	}
	traces := map[string]bool{}
	for _, span := range receiver.Spans() {
		traces[fmt.Sprintf("%x", span.TraceID)] = true
	}
	followed := 0
	for _, series := range found {
		for _, e := range series.Exemplars {
			assert.True(t, traces[e.Labels["trace_id"]], "an exemplar leads to no trace: %v", e.Labels)
			followed++
		}
	}
	assert.Positive(t, followed)
}
