package configs

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The limits keep a slip of the hand (a missing unit, a digit too many) from
// becoming a server that never stops or never says no.
const (
	keyBytes = 32
	maxRate  = 1_000_000
	maxDelay = 5 * time.Minute
)

// together checks what no setting can say alone.
func (c Config) together() error {
	var faults []error
	if !c.Embedded() && c.RedisURL == "" {
		faults = append(faults, errors.New("redis_url is missing: with database_url, tokens and limits are kept in Redis; set redis_url, or leave database_url out for the embedded stores"))
	}
	if !c.Embedded() && len(c.SecretKeys) == 0 {
		faults = append(faults, errors.New("secret_keys is missing: with database_url, all replicas need the same keys; set secret_keys or secret_keys_file (openssl rand -base64 32 makes a key)"))
	}
	if c.SMTPURL != "" && c.MailFrom == "" {
		faults = append(faults, errors.New("mail_from is missing: with smtp_url, mail needs a sender, such as provisioning@example.com"))
	}
	if c.MetricsListen != "" && c.MetricsListen == c.Listen {
		faults = append(faults, fmt.Errorf("metrics_listen and listen are both %s; give metrics_listen an address of its own, or leave it out", c.Listen))
	}
	return errors.Join(faults...)
}

// LocalURL is the URL by which this machine reaches a listener at address
// (HOST:PORT). A listener on every interface is named localhost.
func LocalURL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func address(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("%q is no address; expected HOST:PORT, such as 127.0.0.1:8080", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || port != strconv.FormatUint(n, 10) {
		return "", fmt.Errorf("%q has no port that could be used; expected HOST:PORT with a port from 0 to 65535", text)
	}
	return text, nil
}

func publicURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("it is no web address; expected http:// or https:// and a host, such as https://scim.example.com")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", errors.New("it has a user, a query or a fragment; expected scheme, host and path alone, such as https://scim.example.com")
	}
	return strings.TrimRight(text, "/"), nil
}

func folder(text string) (string, error) {
	if strings.ContainsRune(text, 0) {
		return "", errors.New("it holds a NUL; expected a folder")
	}
	return text, nil
}

// Each of these may hold a password, so that no message quotes one.

func postgresURL(text string) (string, error) {
	return storeURL(text, "postgres://USER:PASSWORD@HOST:5432/DATABASE", "postgres", "postgresql")
}

func redisURL(text string) (string, error) {
	return storeURL(text, "redis://USER:PASSWORD@HOST:6379/0", "redis", "rediss")
}

func smtpURL(text string) (string, error) {
	return storeURL(text, "smtp://USER:PASSWORD@HOST:587", "smtp", "smtps")
}

func storeURL(text, example string, schemes ...string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("it is no URL (is a special character in the password not percent-encoded?); expected %s", example)
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme && u.Hostname() != "" {
			return text, nil
		}
	}
	return "", fmt.Errorf("expected %s", example)
}

func secretKeys(text string) ([][]byte, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(words) == 0 {
		return nil, errors.New("no key is there; openssl rand -base64 32 makes one")
	}
	keys := make([][]byte, len(words))
	for i, word := range words {
		key, err := base64.StdEncoding.Strict().DecodeString(word)
		if err != nil {
			return nil, fmt.Errorf("key %d of %d is not base64; openssl rand -base64 32 makes one", i+1, len(words))
		}
		if len(key) != keyBytes {
			return nil, fmt.Errorf("key %d of %d has %d bytes; expected %d, as openssl rand -base64 32 makes", i+1, len(words), len(key), keyBytes)
		}
		keys[i] = key
	}
	return keys, nil
}

func networks(text string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		prefix, err := netip.ParsePrefix(word)
		if err != nil {
			host, hostErr := netip.ParseAddr(word)
			if hostErr != nil || host.Zone() != "" {
				return nil, fmt.Errorf("%q is neither an address nor a network; expected such as 10.0.0.0/8,192.0.2.7", word)
			}
			host = host.Unmap()
			prefix = netip.PrefixFrom(host, host.BitLen())
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

func rate(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxRate {
		return 0, fmt.Errorf("%q is no rate; expected a whole number of requests a second up to %d, 0 for no limit", text, maxRate)
	}
	return n, nil
}

func mailAddress(text string) (string, error) {
	if _, err := mail.ParseAddress(text); err != nil {
		return "", errors.New("it is no mail address; expected such as provisioning@example.com or Extraordinary <provisioning@example.com>")
	}
	return text, nil
}

func delay(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxDelay {
		return 0, fmt.Errorf("%q is no delay; expected a time with its unit up to %s, such as 10s", text, maxDelay)
	}
	return d, nil
}
