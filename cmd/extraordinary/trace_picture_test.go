package main

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"

	"github.com/extraordinary/provisioning/adapters/telemetry/telemetrytest"
)

// drawn draws the spans of one trace as SVG, each as long as it took, below the one that it belongs to.
func drawn(spans []telemetrytest.Span) string {
	const row, names, bars, margin = 26, 320, 520, 12
	slices.SortFunc(spans, func(a, b telemetrytest.Span) int { return cmp.Compare(a.Began, b.Began) })
	began, ended := spans[0].Began, spans[0].Ended
	depth := map[string]int{}
	for _, s := range spans {
		ended = max(ended, s.Ended)
		if above, known := depth[s.Parent]; known {
			depth[s.ID] = above + 1
			continue
		}
		depth[s.ID] = 0
	}
	var svg strings.Builder
	width, height := names+bars+140, len(spans)*row+2*margin
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" font-family="system-ui, sans-serif" font-size="13">`+"\n", width, height, width)
	svg.WriteString("<style>text{fill:#16202e}.ground{fill:#fff}.bar{fill:#0b5cad}.failed{fill:#a81e22}.muted{fill:#4c5a6b}" +
		"@media (prefers-color-scheme:dark){text{fill:#e8edf3}.ground{fill:#171f2a}.bar{fill:#7db8ff}.failed{fill:#ff9a94}.muted{fill:#a9b6c6}}</style>\n")
	fmt.Fprintf(&svg, `<rect class="ground" width="%d" height="%d"/>`+"\n", width, height)
	for i, s := range spans {
		y := margin + i*row
		at := func(time uint64) float64 { return names + float64(time-began)/float64(ended-began)*bars }
		class := "bar"
		if s.Failed {
			class = "failed"
		}
		fmt.Fprintf(&svg, `<text x="%d" y="%d">%s</text>`, margin+depth[s.ID]*16, y+17, html.EscapeString(s.Name))
		fmt.Fprintf(&svg, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="14" rx="2"/>`, class, at(s.Began), y+6, max(at(s.Ended)-at(s.Began), 2))
		fmt.Fprintf(&svg, `<text class="muted" x="%.1f" y="%d">%d µs</text>`+"\n", at(s.Ended)+6, y+17, (s.Ended-s.Began)/1000)
	}
	svg.WriteString("</svg>\n")
	return svg.String()
}
