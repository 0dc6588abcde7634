package configs_test

import (
	"encoding/base64"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/configs"
)

var key = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))

func TestSettingsHaveTheDefaultsOfTheContract(t *testing.T) {
	t.Parallel()
	c, err := load(t, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:8080", c.Listen)
	assert.Equal(t, "http://127.0.0.1:8080", c.PublicURL)
	assert.Equal(t, "./data", c.DataDir)
	assert.Equal(t, 100, c.RateLimit)
	assert.True(t, c.Embedded())
	assert.Zero(t, c.ShutdownDelay)
	assert.Empty(t, c.DatabaseURL+c.MigrateDatabaseURL+c.RedisURL+c.SMTPURL+c.MailFrom+c.MetricsListen)
	assert.Empty(t, c.SecretKeys)
	assert.Empty(t, c.TrustedProxies)
	assert.False(t, c.Given("listen"))
}

func TestAFlagGoesBeforeTheEnvironmentAndThatBeforeTheFile(t *testing.T) {
	t.Parallel()
	file := write(t, "listen: 127.0.0.1:1\nrate_limit: 1\ndata_dir: from-file\n")
	env := map[string]string{"EXTRAORDINARY_LISTEN": "127.0.0.1:2", "EXTRAORDINARY_RATE_LIMIT": "2"}
	c, err := load(t, env, []string{"--config", file, "--listen=127.0.0.1:3"})
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:3", c.Listen)
	assert.Equal(t, 2, c.RateLimit)
	assert.Equal(t, "from-file", c.DataDir)
	assert.True(t, c.Given("listen") && c.Given("rate_limit") && c.Given("data_dir"))
	assert.False(t, c.Given("public_url"))
}

func TestAnEmptyVariableIsAbsentAndAnEmptyFlagBringsTheDefaultBack(t *testing.T) {
	t.Parallel()
	env := map[string]string{"EXTRAORDINARY_LISTEN": "", "EXTRAORDINARY_RATE_LIMIT": "7", "EXTRAORDINARY_DATA_DIR": "x"}
	c, err := load(t, env, []string{"--config", write(t, "listen: 127.0.0.1:9\n"), "--rate-limit="})
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:9", c.Listen)
	assert.Equal(t, 100, c.RateLimit)
	assert.Equal(t, "x", c.DataDir)
}

func TestEverySettingIsReadFromTheEnvironment(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string]string{
		"EXTRAORDINARY_LISTEN":               "[::]:443",
		"EXTRAORDINARY_PUBLIC_URL":           "https://scim.example.com/base//",
		"EXTRAORDINARY_DATA_DIR":             "/var/lib/extraordinary",
		"EXTRAORDINARY_DATABASE_URL":         "postgres://u:p@db/x?sslmode=verify-full",
		"EXTRAORDINARY_MIGRATE_DATABASE_URL": "postgresql://o:p@db/x",
		"EXTRAORDINARY_REDIS_URL":            "rediss://u:p@cache:6379/1",
		"EXTRAORDINARY_SECRET_KEYS":          key + ", " + key,
		"EXTRAORDINARY_TRUSTED_PROXIES":      "10.1.2.3/8, 192.0.2.7,2001:db8::/32",
		"EXTRAORDINARY_RATE_LIMIT":           "0",
		"EXTRAORDINARY_SMTP_URL":             "smtps://u:p@mail",
		"EXTRAORDINARY_MAIL_FROM":            "Extraordinary <p@example.com>",
		"EXTRAORDINARY_METRICS_LISTEN":       ":9090",
		"EXTRAORDINARY_SHUTDOWN_DELAY":       "11s",
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, "https://scim.example.com/base", c.PublicURL)
	assert.Equal(t, "postgresql://o:p@db/x", c.MigrateDatabaseURL)
	assert.Equal(t, "rediss://u:p@cache:6379/1", c.RedisURL)
	assert.Equal(t, [][]byte{[]byte(strings.Repeat("k", 32)), []byte(strings.Repeat("k", 32))}, c.SecretKeys)
	assert.Equal(t, []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32"),
	}, c.TrustedProxies)
	assert.Zero(t, c.RateLimit)
	assert.Equal(t, "smtps://u:p@mail", c.SMTPURL)
	assert.Equal(t, "Extraordinary <p@example.com>", c.MailFrom)
	assert.Equal(t, ":9090", c.MetricsListen)
	assert.Equal(t, 11*time.Second, c.ShutdownDelay)
	assert.False(t, c.Embedded())
}

func TestThePublicURLFollowsTheListener(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		":8080": "http://localhost:8080", "0.0.0.0:1": "http://localhost:1", "[::]:1": "http://localhost:1",
		"[::1]:80": "http://[::1]:80", "scim.internal:80": "http://scim.internal:80", "127.0.0.1:0": "",
	} {
		c, err := load(t, nil, []string{"--listen", listen})
		require.NoError(t, err)
		assert.Equal(t, want, c.PublicURL, listen)
	}
}

func TestTheExampleFileHoldsEverySettingAtItsDefault(t *testing.T) {
	t.Parallel()
	plain, err := load(t, nil, nil)
	require.NoError(t, err)
	example, err := load(t, nil, []string{"--config", "example.yaml"})
	require.NoError(t, err)
	assert.Equal(t, plain.Listen, example.Listen)
	assert.Equal(t, plain.PublicURL, example.PublicURL)
	assert.Equal(t, plain.DataDir, example.DataDir)
	assert.Equal(t, plain.RateLimit, example.RateLimit)
	assert.True(t, example.Embedded())

	content, err := os.ReadFile("example.yaml")
	require.NoError(t, err)
	flagSet().VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" {
			assert.Contains(t, string(content), "\n"+strings.ReplaceAll(f.Name, "-", "_")+":")
		}
	})
}

func TestKeysAreReadFromAFile(t *testing.T) {
	t.Parallel()
	c, err := load(t, nil, []string{"--secret-keys-file", write(t, key+"\n"+key+"\n")})
	require.NoError(t, err)
	assert.Len(t, c.SecretKeys, 2)
}

func TestMigrationNeedsTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	flags := flagSet()
	require.NoError(t, flags.Parse([]string{"--database-url", "postgres://db/x"}))
	c, err := configs.LoadForMigration(flags, lookup(nil))
	require.NoError(t, err)
	assert.Equal(t, "postgres://db/x", c.MigrateDatabaseURL)
}

func TestEachBadSettingIsOneLineThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  map[string]string
		file string
		args []string
		want []string
	}{
		"an address without a port": {args: []string{"--listen", "8080"}, want: []string{
			`listen (from --listen): "8080" is no address; expected HOST:PORT, such as 127.0.0.1:8080`,
		}},
		"a port too high": {env: map[string]string{"EXTRAORDINARY_METRICS_LISTEN": ":70000"}, want: []string{
			`metrics_listen (from EXTRAORDINARY_METRICS_LISTEN): ":70000" has no port that could be used; expected HOST:PORT with a port from 0 to 65535`,
		}},
		"two bad values": {file: "rate_limit: many\nshutdown_delay: 10\n", want: []string{
			`rate_limit (from FILE:1): "many" is no rate; expected a whole number of requests a second up to 1000000, 0 for no limit`,
			`shutdown_delay (from FILE:2): "10" is no delay; expected a time with its unit up to 5m0s, such as 10s`,
		}},
		"a mistyped key": {file: "# ours\nlistne: 127.0.0.1:8080\npublic-url: http://x\n", want: []string{
			`FILE:2: no setting is called "listne"; did you mean listen?`,
			`FILE:3: no setting is called "public-url"; did you mean public_url?`,
		}},
		"a key twice": {file: "listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", want: []string{
			`FILE:2: listen is set already at FILE:1; keep one of them`,
		}},
		"a value with keys": {file: "listen:\n  host: x\n", want: []string{
			`FILE:1: listen takes a value or a list of values, not this`,
		}},
		"a file that is a list": {file: "- listen\n", want: []string{
			`FILE:1: expected lines of KEY: VALUE, such as listen: 127.0.0.1:8080`,
		}},
		"two documents": {file: "listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2\n", want: []string{
			`FILE holds more than one document; keep the first`,
		}},
		"a URL of another kind": {args: []string{"--public-url", "ftp://x"}, want: []string{
			`public_url (from --public-url): it is no web address; expected http:// or https:// and a host, such as https://scim.example.com`,
		}},
		"a URL with a query": {args: []string{"--public-url", "https://x/?a=b"}, want: []string{
			`public_url (from --public-url): it has a user, a query or a fragment; expected scheme, host and path alone, such as https://scim.example.com`,
		}},
		"a network that is none": {args: []string{"--trusted-proxies", "10.0.0.0/8,10.0.0.0/33"}, want: []string{
			`trusted_proxies (from --trusted-proxies): "10.0.0.0/33" is neither an address nor a network; expected such as 10.0.0.0/8,192.0.2.7`,
		}},
		"a negative rate": {args: []string{"--rate-limit=-1"}, want: []string{
			`rate_limit (from --rate-limit): "-1" is no rate; expected a whole number of requests a second up to 1000000, 0 for no limit`,
		}},
		"a short key": {args: []string{"--secret-keys", key + ",c2hvcnQ="}, want: []string{
			`secret_keys (from --secret-keys): key 2 of 2 has 5 bytes; expected 32, as openssl rand -base64 32 makes`,
		}},
		"production without its parts": {args: []string{"--database-url", "postgres://db/x"}, want: []string{
			`redis_url is missing: with database_url, tokens and limits are kept in Redis; set redis_url, or leave database_url out for the embedded stores`,
			`secret_keys is missing: with database_url, all replicas need the same keys; set secret_keys or secret_keys_file (openssl rand -base64 32 makes a key)`,
		}},
		"keys from two places": {args: []string{"--secret-keys", key, "--secret-keys-file", "f"}, want: []string{
			`secret_keys and secret_keys_file are both set; keep one of them`,
		}},
		"mail without a sender": {args: []string{"--smtp-url", "smtp://mail"}, want: []string{
			`mail_from is missing: with smtp_url, mail needs a sender, such as provisioning@example.com`,
		}},
		"one address twice": {args: []string{"--metrics-listen", "127.0.0.1:8080"}, want: []string{
			`metrics_listen and listen are both 127.0.0.1:8080; give metrics_listen an address of its own, or leave it out`,
		}},
		"a file of keys that is missing": {args: []string{"--secret-keys-file", "/nowhere/keys"}, want: []string{
			`secret_keys_file: open /nowhere/keys: no such file or directory; write the keys there, or name another file`,
		}},
		"a file that is missing": {args: []string{"--config", "/nowhere/c.yaml"}, want: []string{
			`config: open /nowhere/c.yaml: no such file or directory; name a file that can be read`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args, file := c.args, ""
			if c.file != "" {
				file = write(t, c.file)
				args = append(args, "--config", file)
			}
			_, err := load(t, c.env, args)
			require.Error(t, err)
			got := err.Error()
			if file != "" {
				got = strings.ReplaceAll(got, file, "FILE")
			}
			assert.Equal(t, c.want, strings.Split(got, "\n"))
		})
	}
}

func TestNoMessageQuotesASecret(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--database-url", "postgres://u:canary%zz@db/x"},
		{"--database-url", "host=db password=canary"},
		{"--redis-url", "canary://u:canary@db"},
		{"--redis-url", "redis://:canary@/0"},
		{"--smtp-url", "http://u:canary@mail"},
		{"--public-url", "https://u:canary@x"},
		{"--public-url", "https://u:canary%zz@x"},
		{"--secret-keys", "canary,canary!"},
		{"--secret-keys-file", write(t, "canary")},
		{"--config", write(t, "database_url: {password: canary}\n")},
	} {
		_, err := load(t, nil, args)
		require.Error(t, err, args)
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestAnEmptyFileSetsNothing(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "# nothing\n", "---\n", "null\n"} {
		_, err := load(t, nil, []string{"--config", write(t, content)})
		require.NoError(t, err, content)
	}
}

func TestTheFileMayBeNamedByTheEnvironment(t *testing.T) {
	t.Parallel()
	c, err := load(t, map[string]string{"EXTRAORDINARY_CONFIG": write(t, "trusted_proxies: [10.0.0.0/8, 192.0.2.1]\n")}, nil)
	require.NoError(t, err)
	assert.Len(t, c.TrustedProxies, 2)
}

func load(t *testing.T, env map[string]string, args []string) (configs.Config, error) {
	t.Helper()
	flags := flagSet()
	require.NoError(t, flags.Parse(args))
	return configs.Load(flags, lookup(env))
}

func flagSet() *pflag.FlagSet {
	flags := pflag.NewFlagSet("extraordinary", pflag.ContinueOnError)
	configs.AddFlags(flags)
	return flags
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

func write(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}
