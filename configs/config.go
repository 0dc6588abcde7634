// Package configs reads the settings of every command: from flags, then the
// environment, then a YAML file, then defaults.
package configs

import (
	"net/netip"
	"time"
)

// Config is the settings of one process, checked. Each field's setting is its
// name in snake case: PublicURL is the flag --public-url, the variable
// EXTRAORDINARY_PUBLIC_URL and the key public_url of the file.
type Config struct {
	Listen             string         // HOST:PORT of the one public listener
	PublicURL          string         // http(s) URL without a slash at the end; empty if Listen has port 0 and none is set
	DataDir            string         // folder of the embedded stores
	DatabaseURL        string         // postgres:// URL of a member of extraordinary_app; empty: SQLite in DataDir
	MigrateDatabaseURL string         // postgres:// URL of the owner of the tables; DatabaseURL if none is set
	RedisURL           string         // redis:// or rediss:// URL; empty: tokens in the database, limits in process
	SecretKeys         [][]byte       // 32 bytes each: the first signs, all verify; none: see EnsureKeys
	TrustedProxies     []netip.Prefix // peers whose X-Forwarded-For is believed
	RateLimit          int            // requests a second for each organisation; 0: no limit
	SMTPURL            string         // smtp:// or smtps:// URL; empty: each mail is a file in DataDir
	MailFrom           string         // address that mail is sent from
	MetricsListen      string         // HOST:PORT of /metrics; empty: the public listener, for this machine alone
	ShutdownDelay      time.Duration  // between "not ready" and the end of the listener

	secretKeysFile string
	given          map[string]bool
}

// Embedded tells whether everything is kept in the data folder.
func (c Config) Embedded() bool { return c.DatabaseURL == "" }

// Given tells whether a flag, the environment or the file set key (as spelled
// in the file), so that a command may choose another default than serve's.
func (c Config) Given(key string) bool { return c.given[key] }

// setting is one line of the table that flags, environment and file are all
// read by. A default is written as text, so that it takes the same road as
// what an operator writes.
type setting struct {
	key      string
	usage    string // the word in back quotes names the value in --help
	fallback string
	set      func(*Config, string) error
}

var settings = []setting{
	{"listen", "`HOST:PORT` to serve on", "127.0.0.1:8080", func(c *Config, text string) error {
		return into(&c.Listen, text, address)
	}},
	{"public_url", "`URL` that clients reach this server by (default http:// and the address of --listen)", "", func(c *Config, text string) error {
		return into(&c.PublicURL, text, publicURL)
	}},
	{"data_dir", "`FOLDER` of the embedded database, keys and mail", "./data", func(c *Config, text string) error {
		return into(&c.DataDir, text, folder)
	}},
	{"database_url", "Postgres `URL`, as a member of extraordinary_app (default SQLite in the data folder)", "", func(c *Config, text string) error {
		return into(&c.DatabaseURL, text, postgresURL)
	}},
	{"migrate_database_url", "Postgres `URL` for migrate, as the owner of the tables (default --database-url)", "", func(c *Config, text string) error {
		return into(&c.MigrateDatabaseURL, text, postgresURL)
	}},
	{"redis_url", "Redis `URL` (default tokens in the database, limits in this process)", "", func(c *Config, text string) error {
		return into(&c.RedisURL, text, redisURL)
	}},
	{"secret_keys", "`KEYS` of 32 bytes, base64, between commas: the first signs, all verify; other users of this machine can read a flag, so prefer the environment or a file", "", func(c *Config, text string) error {
		return into(&c.SecretKeys, text, secretKeys)
	}},
	{"secret_keys_file", "`FILE` that holds what --secret-keys would", "", func(c *Config, text string) error {
		c.secretKeysFile = text
		return nil
	}},
	{"trusted_proxies", "addresses or `NETWORKS`, between commas, whose X-Forwarded-For is believed (default none)", "", func(c *Config, text string) error {
		return into(&c.TrustedProxies, text, networks)
	}},
	{"rate_limit", "`REQUESTS` a second for each organisation; 0 for no limit", "100", func(c *Config, text string) error {
		return into(&c.RateLimit, text, rate)
	}},
	{"smtp_url", "`URL` of the mail server, smtp://USER:PASSWORD@HOST:PORT (default each mail is a file in the data folder)", "", func(c *Config, text string) error {
		return into(&c.SMTPURL, text, smtpURL)
	}},
	{"mail_from", "`ADDRESS` that mail is sent from", "", func(c *Config, text string) error {
		return into(&c.MailFrom, text, mailAddress)
	}},
	{"metrics_listen", "`HOST:PORT` for /metrics alone (default with everything else, for this machine alone)", "", func(c *Config, text string) error {
		return into(&c.MetricsListen, text, address)
	}},
	{"shutdown_delay", "`TIME` to go on serving as not ready before stopping, so that a load balancer notices", "0s", func(c *Config, text string) error {
		return into(&c.ShutdownDelay, text, delay)
	}},
}

// into stores what read makes of text. An empty text is the setting's absence
// and leaves the field as it is.
func into[T any](field *T, text string, read func(string) (T, error)) error {
	if text == "" {
		return nil
	}
	value, err := read(text)
	if err != nil {
		return err
	}
	*field = value
	return nil
}
