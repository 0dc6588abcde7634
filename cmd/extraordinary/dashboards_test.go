package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// configured is where the files are that operators' tools read.
const configured = "../../configs"

// board is what these tests read of a dashboard.
type board struct {
	UID, Title, Description string
	Panels                  []struct {
		Title, Description, Type string
		FieldConfig              struct {
			Defaults struct{ Unit string }
		}
		Targets []struct {
			Expr, RefID string
			Exemplar    bool
			Datasource  struct{ UID string }
		}
	}
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
}

func boards(t *testing.T) map[string]board {
	t.Helper()
	files, err := filepath.Glob(configured + "/grafana/dashboards/*.json")
	require.NoError(t, err)
	all := map[string]board{}
	for _, file := range files {
		var b board
		decode(t, fileText(t, file), &b)
		all[filepath.Base(file)] = b
	}
	require.Len(t, all, 4)
	return all
}

func fileText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func TestGrafanaTakesTheDashboardsWordForWord(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	for name := range boards(t) {
		text := fileText(t, configured+"/grafana/dashboards/"+name)
		d := &dashboard.Dashboard{} //nolint:staticcheck // files for provisioning are of this first form
		// The SDK (v0.0.22) gives an error without a word for what is right.
		if err := d.UnmarshalJSONStrict([]byte(text)); err != nil {
			assert.Empty(t, err.Error(), name)
		}
		require.NoError(t, json.Unmarshal([]byte(text), d), name)
		if err := d.Validate(); err != nil {
			assert.Empty(t, err.Error(), name)
		}
	}
	mistyped := &dashboard.Dashboard{} //nolint:staticcheck // files for provisioning are of this first form
	require.ErrorContains(t, mistyped.UnmarshalJSONStrict([]byte(`{"titel": "x"}`)), "titel", "a check that passes everything proves nothing")
}

func TestEveryPanelSaysWhatItShows(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, b := range boards(t) {
		assert.False(t, seen[b.UID] || b.UID == "", "%s: two dashboards cannot have one uid", name)
		seen[b.UID] = true
		assert.NotEmpty(t, b.Description, name)
		for _, p := range b.Panels {
			if p.Type == "row" {
				continue
			}
			where := name + ": " + p.Title
			assert.NotEmpty(t, p.Description, where)
			assert.NotEmpty(t, p.FieldConfig.Defaults.Unit, where)
			require.NotEmpty(t, p.Targets, where)
			for _, target := range p.Targets {
				assert.NotEmpty(t, target.RefID, "%s: Grafana asks nothing that has no refId", where)
				assert.Equal(t, "${datasource}", target.Datasource.UID, where)
				if strings.Contains(target.Expr, "histogram_quantile") {
					assert.True(t, target.Exemplar, "%s: a latency leads to a trace", where)
				}
			}
		}
	}
}

// ruleGroup is one of the groups of a file of rules.
type ruleGroup struct {
	Name  string
	Rules []struct {
		Record, Alert, Expr string
		Annotations         map[string]string
	}
}

func ruleGroups(t *testing.T) []ruleGroup {
	t.Helper()
	var file struct{ Groups []ruleGroup }
	require.NoError(t, yaml.Unmarshal([]byte(fileText(t, configured+"/prometheus/rules.yml")), &file))
	require.NotEmpty(t, file.Groups)
	return file.Groups
}

func TestEveryAlertHasARunbookAndATestThatItFiresAndThatItDoesNot(t *testing.T) {
	t.Parallel()
	var tests struct {
		Tests []struct {
			Alerts []struct {
				Name string `yaml:"alertname"`
				Want []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, file := range []string{"rules_test.yml", "rules_days_test.yml"} {
		tests.Tests = nil
		require.NoError(t, yaml.Unmarshal([]byte(fileText(t, filepath.Join(configured, "prometheus", file))), &tests))
		for _, test := range tests.Tests {
			for _, a := range test.Alerts {
				fires[a.Name] = fires[a.Name] || len(a.Want) > 0
				silent[a.Name] = silent[a.Name] || len(a.Want) == 0
			}
		}
	}
	headings := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(fileText(t, "../../OPERATIONS.md"), -1) {
		headings[strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")] = true
	}
	alerts := 0
	for _, g := range ruleGroups(t) {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			alerts++
			file, section, _ := strings.Cut(r.Annotations["runbook_url"], "#")
			assert.True(t, strings.HasSuffix(file, "/OPERATIONS.md") && headings[section], "%s: there is no runbook %q", r.Alert, section)
			assert.NotEmpty(t, r.Annotations["summary"], r.Alert)
			assert.True(t, fires[r.Alert], "no test sees %s fire", r.Alert)
			assert.True(t, silent[r.Alert], "no test sees %s stay silent", r.Alert)
		}
	}
	assert.GreaterOrEqual(t, alerts, 9)
}

func TestTheComposeFileOfObservabilityMountsWhatIsThereAndOpensPortsToThisMachineAlone(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Image          string
			Volumes, Ports []string
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(fileText(t, configured+"/compose/observability.yaml")), &file))
	mounted := 0
	for name, s := range file.Services {
		for _, volume := range s.Volumes {
			if source, _, _ := strings.Cut(volume, ":"); strings.HasPrefix(source, ".") {
				_, err := os.Stat(filepath.Join(configured, "compose", source))
				require.NoError(t, err, name)
				mounted++
			}
		}
		for _, port := range s.Ports {
			assert.True(t, strings.HasPrefix(port, "127.0.0.1:"), "%s: %s", name, port)
		}
		if s.Image != "" {
			assert.Regexp(t, `:v?\d+\.\d+\.\d+$`, s.Image, "%s is another image tomorrow", name)
		}
	}
	assert.Equal(t, 5, mounted)
}
