package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// walks goes through the large organisation by cursors, to the end: a page of the last tenth, and of the middle one, over
// a page of the first.
func (s *scale) walks(b *testing.B) {
	for _, by := range []string{"id", "userName", "externalId", "userName&sortOrder=descending"} {
		b.Run("walk by "+by, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				took = s.walk(b, by)
			}
			tenth := len(took) / 10
			part := func(n int) float64 { return float64(p50(took[n*tenth : (n+1)*tenth])) }
			first, middle, last := part(0), part(5), part(9)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(took)), "pages")
			b.ReportMetric(first/float64(time.Millisecond), "first-ms")
			b.ReportMetric(middle/first, "middle-ratio")
			b.ReportMetric(last/first, "last-ratio")
		})
	}
}

func (s *scale) walk(b *testing.B, by string) (took []time.Duration) {
	b.Helper()
	seen, total, cursor := 0, 0, ""
	for begun := false; !begun || cursor != ""; begun = true {
		answer, page := answered(b, s.large, http.StatusOK, http.MethodGet, "/Users?count=200&attributes=userName&sortBy="+by+"&cursor="+url.QueryEscape(cursor), "")
		var list struct {
			TotalResults int
			NextCursor   string
			Resources    []json.RawMessage
		}
		fine(b, json.Unmarshal([]byte(answer), &list))
		took, seen, total, cursor = append(took, page), seen+len(list.Resources), list.TotalResults, list.NextCursor
	}
	if seen != total {
		b.Fatalf("the walk by %s saw %d users of %d", by, seen, total)
	}
	return took
}

// memory compares the most that a fresh program takes while it writes out a group of a thousand members with what it takes
// for groupSize of them, one after the other and eight at once. Linux tells.
func (s *scale) memory(b *testing.B) {
	for _, query := range []string{"", "?attributes=members.value", "?excludedAttributes=displayName"} {
		for _, readers := range []int{1, 8} {
			b.Run(fmt.Sprintf("memory/%d at once%s", readers, query), func(b *testing.B) {
				var little, much int
				for b.Loop() {
					little, much = s.most(b, s.thousand, query, readers), s.most(b, s.many, query, readers)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(little)/1024, "little-MiB")
				b.ReportMetric(float64(much)/1024, "much-MiB")
				b.ReportMetric(float64(much)/float64(little), "ratio")
			})
		}
	}
}

// most is how much memory, in KiB, a program has taken at the most after a group was read five times by so many readers.
func (s *scale) most(b *testing.B, group, query string, readers int) int {
	b.Helper()
	fresh := start(b, freeAddress(b), append([]string{"serve", "--rate-limit", "0"}, s.settings...)...)
	defer fresh.Process.Kill()
	asking := s.large
	asking.credential = map[string]string{"tenant_url": fresh.url + "/scim/v2"}
	for range 5 {
		var all sync.WaitGroup
		for range readers {
			all.Go(func() {
				if status, answer, err := asking.ask(http.MethodGet, "/Groups/"+group+query, ""); err != nil || status != http.StatusOK {
					b.Errorf("status %d, %v: %.500s", status, err, answer)
				}
			})
		}
		all.Wait()
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", fresh.Process.Pid))
	fine(b, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kibibytes, err := strconv.Atoi(strings.Fields(rest)[0])
	fine(b, err)
	return kibibytes
}
