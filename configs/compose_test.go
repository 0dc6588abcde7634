package configs_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/extraordinary/provisioning/configs"
)

// service is what these tests read of one service of the compose file.
type service struct {
	Image           string
	Build           struct{ Context, Dockerfile string }
	Command         []string
	Environment     map[string]string
	Volumes         []string
	Ports           []string
	StopGracePeriod string `yaml:"stop_grace_period"`
}

func (s service) runs(command string) bool { return len(s.Command) > 0 && s.Command[0] == command }

// services reads the compose file, as compose does where no variable is set.
func services(t *testing.T) map[string]service {
	t.Helper()
	text, err := os.ReadFile("compose/compose.yaml")
	require.NoError(t, err)
	text = regexp.MustCompile(`\$\{\w+:-([^}]*)\}`).ReplaceAll(text, []byte("$1"))
	require.NotContains(t, string(text), "${", "a variable has no default")
	var file struct{ Services map[string]service }
	require.NoError(t, yaml.Unmarshal(text, &file))
	return file.Services
}

// settings gives the variables of a service, with a key in the place of the one that its volume would hold.
func (s service) settings(t *testing.T) map[string]string {
	t.Helper()
	env := maps.Clone(s.Environment)
	if env["EXTRAORDINARY_SECRET_KEYS_FILE"] != "" {
		env["EXTRAORDINARY_SECRET_KEYS_FILE"] = write(t, key)
	}
	return env
}

func TestTheComposeFileMountsWhatIsThere(t *testing.T) {
	t.Parallel()
	mounted := 0
	for name, s := range services(t) {
		for _, volume := range s.Volumes {
			if source, _, _ := strings.Cut(volume, ":"); strings.HasPrefix(source, ".") {
				assert.FileExists(t, filepath.Join("compose", source), name)
				mounted++
			}
		}
	}
	assert.Equal(t, 2, mounted)
}

func TestTheComposeFileSetsWhatTheProgramReads(t *testing.T) {
	t.Parallel()
	flags := flagSet()
	for name, s := range services(t) {
		for variable := range s.Environment {
			if key, ours := strings.CutPrefix(variable, "EXTRAORDINARY_"); ours {
				assert.NotNil(t, flags.Lookup(strings.ReplaceAll(strings.ToLower(key), "_", "-")), "%s: %s is no setting", name, variable)
			}
		}
	}
}

func TestTheReplicasOfTheComposeFileServeFromPostgresAndRedisAndDrain(t *testing.T) {
	t.Parallel()
	proxy, err := os.ReadFile("compose/haproxy.cfg")
	require.NoError(t, err)
	var replicas []string
	for name, s := range services(t) {
		if !s.runs("serve") {
			continue
		}
		replicas = append(replicas, name)
		c, err := load(t, s.settings(t), nil)
		require.NoError(t, err, name)
		assert.Contains(t, c.DatabaseURL, "@postgres:5432/", name)
		assert.Contains(t, c.RedisURL, "@redis:6379/", name)
		assert.NotEmpty(t, c.MetricsListen, "%s: /metrics would be on the public listener", name)
		assert.Contains(t, string(proxy), "server "+name+" "+name+c.Listen+"\n", "the proxy does not know %s", name)

		grace, err := time.ParseDuration(s.StopGracePeriod)
		require.NoError(t, err)
		assert.Greater(t, c.ShutdownDelay, 2*time.Second, "%s stops before the proxy has seen it twice", name)
		assert.GreaterOrEqual(t, grace, c.ShutdownDelay+25*time.Second+5*time.Second, "%s is killed before its requests have ended", name)
	}
	assert.Len(t, replicas, 2)
}

func TestTheComposeFileMigratesAsTheOwnerAndServesAsAnother(t *testing.T) {
	t.Parallel()
	all := services(t)
	owner := all["migrate"].Environment["EXTRAORDINARY_MIGRATE_DATABASE_URL"]
	server := all["replica-1"].Environment["EXTRAORDINARY_DATABASE_URL"]
	roles, err := os.ReadFile("compose/roles.sh")
	require.NoError(t, err)
	require.True(t, all["migrate"].runs("migrate"))
	_, err = configs.LoadForMigration(flagSet(), lookup(all["migrate"].Environment))
	require.NoError(t, err)
	assert.Contains(t, owner, "//provisioning_owner:"+all["postgres"].Environment["OWNER_PASSWORD"]+"@")
	assert.Contains(t, server, "//provisioning_serve:"+all["postgres"].Environment["SERVE_PASSWORD"]+"@")
	assert.Contains(t, string(roles), "CREATE ROLE provisioning_owner LOGIN CREATEROLE ")
	assert.Regexp(t, `CREATE ROLE provisioning_serve LOGIN .* IN ROLE extraordinary_app;`, string(roles))
}

func TestTheRedisOfTheComposeFileKeepsTokens(t *testing.T) {
	t.Parallel()
	command := strings.Join(services(t)["redis"].Command, " ")
	assert.Contains(t, command, "--appendonly yes")
	assert.Contains(t, command, "--maxmemory-policy noeviction")
}

func TestTheComposeFileOpensPortsToThisMachineAlone(t *testing.T) {
	t.Parallel()
	var open []string
	for _, s := range services(t) {
		open = append(open, s.Ports...)
	}
	slices.Sort(open)
	require.NotEmpty(t, open)
	for i, port := range open {
		assert.True(t, strings.HasPrefix(port, "127.0.0.1:"), port)
		assert.False(t, i > 0 && port == open[i-1], "%s is opened twice", port)
	}
}

// An image without a version, or with one that only says its major number, is another one tomorrow.
func TestTheImagesOfTheComposeFileArePinned(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`^[a-z/]+:\d+\.\d+[\w.-]*$`)
	for name, s := range services(t) {
		assert.Regexp(t, version, s.Image, name)
		if s.Build.Dockerfile == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("compose", s.Build.Context, s.Build.Dockerfile))
		require.NoError(t, err, name)
		from := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, from)
		for _, image := range from {
			assert.Regexp(t, version, image[1], name)
		}
	}
}
