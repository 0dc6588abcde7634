package entra

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress rewrites one line of a terminal, a few times a second.
type progress struct {
	w     io.Writer // nil: silent
	now   func() time.Time
	cycle string

	mu          sync.Mutex
	stage       string
	done, total int
	next        time.Time
}

const eraseLine = "\r\x1b[K"

func newProgress(w io.Writer, now func() time.Time) *progress { return &progress{w: w, now: now} }

// begin starts a stage of total objects.
func (p *progress) begin(stage string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.done, p.total = stage, 0, total
}

// step counts an object that is done.
func (p *progress) step(requests int64) {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(200 * time.Millisecond)
	// A terminal that has gone away is no reason to stop.
	_, _ = fmt.Fprintf(p.w, "%s%s · %s %d/%d · %d requests", eraseLine, p.cycle, p.stage, p.done, p.total, requests)
}

// clear leaves an empty line for what is printed next.
func (p *progress) clear() {
	if p.w != nil {
		_, _ = io.WriteString(p.w, eraseLine)
	}
}
