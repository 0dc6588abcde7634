package configs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// AddFlags adds a flag for each setting, and --config, to flags.
func AddFlags(flags *pflag.FlagSet) {
	for _, s := range settings {
		flags.String(s.flag(), s.fallback, s.usage)
	}
	flags.String("config", "", "YAML `FILE` of settings")
}

// Load reads every setting and checks that they fit together. flags must have
// been through AddFlags and parsed; env is os.LookupEnv.
//
// The error has one line for each setting that is wrong: which, from where,
// what is wrong and what is expected. It never quotes a secret.
func Load(flags *pflag.FlagSet, env func(string) (string, bool)) (Config, error) {
	c, err := read(flags, env)
	if err != nil {
		return Config{}, err
	}
	return c, c.together()
}

// LoadForMigration is Load for the command that changes the schema, which needs
// the database alone: it runs where Redis and keys are out of reach.
func LoadForMigration(flags *pflag.FlagSet, env func(string) (string, bool)) (Config, error) {
	return read(flags, env)
}

// read takes each setting from the first of flag, environment and file that
// has it. In the environment and the file an empty value counts as absent
// (compose files pass empty variables on); an empty flag brings back the default.
func read(flags *pflag.FlagSet, env func(string) (string, bool)) (Config, error) {
	file, err := readFile(configFile(flags, env))
	if err != nil {
		return Config{}, err
	}
	c := Config{given: map[string]bool{}}
	var faults []error
	for _, s := range settings {
		text, source := s.find(flags, env, file)
		c.given[s.key] = source != ""
		if err := s.set(&c, text); err != nil {
			faults = append(faults, fmt.Errorf("%s (from %s): %w", s.key, source, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Config{}, err
	}
	err = c.complete()
	return c, err
}

// find returns the text of s and where it stands: "" for the default.
func (s setting) find(flags *pflag.FlagSet, env func(string) (string, bool), file map[string]entry) (text, source string) {
	if flag := flags.Lookup(s.flag()); flag != nil && flag.Changed {
		if flag.Value.String() == "" {
			return s.fallback, ""
		}
		return flag.Value.String(), "--" + s.flag()
	}
	if text, ok := env(s.variable()); ok && text != "" {
		return text, s.variable()
	}
	if e, ok := file[s.key]; ok && e.text != "" {
		return e.text, e.source
	}
	return s.fallback, ""
}

func (s setting) flag() string     { return strings.ReplaceAll(s.key, "_", "-") }
func (s setting) variable() string { return "EXTRAORDINARY_" + strings.ToUpper(s.key) }

func configFile(flags *pflag.FlagSet, env func(string) (string, bool)) string {
	if flag := flags.Lookup("config"); flag != nil && flag.Changed {
		return flag.Value.String()
	}
	name, _ := env("EXTRAORDINARY_CONFIG")
	return name
}

// complete fills in what follows from other settings.
func (c *Config) complete() error {
	if c.MigrateDatabaseURL == "" {
		c.MigrateDatabaseURL = c.DatabaseURL
	}
	if c.PublicURL == "" && !strings.HasSuffix(c.Listen, ":0") {
		c.PublicURL = LocalURL(c.Listen)
	}
	if c.secretKeysFile == "" {
		return nil
	}
	if c.SecretKeys != nil {
		return errors.New("secret_keys and secret_keys_file are both set; keep one of them")
	}
	content, err := os.ReadFile(c.secretKeysFile)
	if err != nil {
		return fmt.Errorf("secret_keys_file: %w; write the keys there, or name another file", err)
	}
	c.SecretKeys, err = secretKeys(string(content))
	if err != nil {
		return fmt.Errorf("secret_keys_file %s: %w", c.secretKeysFile, err)
	}
	return nil
}
