package portal_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// luminance is WCAG's relative luminance of #RRGGBB.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	require.NoError(t, err)
	linear := func(c uint64) float64 {
		v := float64(c&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// tokens reads the colours of both schemes out of the stylesheet.
func tokens(t *testing.T) (schemes []map[string]string) {
	t.Helper()
	css, err := os.ReadFile("static/style.css")
	require.NoError(t, err)
	for _, block := range regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(string(css), -1) {
		scheme := map[string]string{}
		for _, token := range regexp.MustCompile(`--([a-z-]+): (#[0-9A-Fa-f]{6});`).FindAllStringSubmatch(block[1], -1) {
			scheme[token[1]] = token[2]
		}
		schemes = append(schemes, scheme)
	}
	require.Len(t, schemes, 2, "light and dark")
	return schemes
}

func TestEveryColourCanBeReadOnEveryGroundInLightAndDark(t *testing.T) {
	t.Parallel()
	for i, scheme := range tokens(t) {
		least := func(want float64, colour string, grounds ...string) {
			for _, ground := range grounds {
				require.NotEmpty(t, scheme[colour], colour)
				require.NotEmpty(t, scheme[ground], ground)
				got := contrast(t, scheme[colour], scheme[ground])
				assert.GreaterOrEqual(t, got, want, "%s on %s, scheme %d", colour, ground, i)
			}
		}
		least(7, "text", "page", "card", "sunk", "good-tint", "warn-tint", "bad-tint", "info-tint")
		least(4.5, "muted", "page", "card", "sunk")
		least(4.5, "accent", "page", "card", "sunk")
		least(4.5, "on-accent", "accent")
		least(4.5, "on-bad", "bad")
		least(3, "edge", "page", "card", "sunk")
		least(3, "focus", "page", "card", "sunk")
		for _, kind := range []string{"good", "warn", "bad", "info"} {
			least(4.5, kind, kind+"-tint", "card")
		}
	}
}
