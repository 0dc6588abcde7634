package portal

import (
	"context"
	"strconv"
)

// sparkline is the last 24 hours, hour by hour: in bars, in a sentence, and as a table.
type sparkline struct {
	Bars   []bar
	Spoken string
}

// bar is one hour, in units of the picture; Top and RefusedTop are where the bar and its refused part begin.
type bar struct {
	X, Height, Top, RefusedHeight, RefusedTop int
	Start                                     string
	Total, Refused                            int
}

const sparklineHeight = 48

func (p *Portal) sparkline(ctx context.Context, v Visit) (s sparkline, err error) {
	hours, err := p.options.Traffic.Hours(ctx, v.Organisation)
	if err != nil {
		return s, err
	}
	total, refused, most, busiest := 0, 0, 0, 0
	for i, h := range hours {
		total, refused = total+h.Total, refused+h.Refused
		if h.Total > most {
			most, busiest = h.Total, i
		}
	}
	// What there is can be seen, however little it is beside the most.
	height := func(n int) int { return max(n*sparklineHeight/max(most, 1), min(n, 1)) }
	for i, h := range hours {
		b := bar{X: i * 10, Height: height(h.Total), RefusedHeight: height(h.Refused), Start: h.Start.In(p.tools(v).zone).Format("15:04"), Total: h.Total, Refused: h.Refused}
		b.Top, b.RefusedTop = sparklineHeight-b.Height, sparklineHeight-b.RefusedHeight
		s.Bars = append(s.Bars, b)
	}
	s.Spoken = "No request in 24 hours."
	if total > 0 {
		s.Spoken = plural(total, "request") + " in 24 hours, " + strconv.Itoa((refused*100+total-1)/total) + " % refused, busiest at " + s.Bars[busiest].Start + "."
	}
	return s, nil
}
