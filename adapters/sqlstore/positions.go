package sqlstore

import (
	"sort"
	"sync"

	"github.com/extraordinary/provisioning/domain/organisation"
)

// positions remembers where pages ended. To skip the rows before a page costs more the further in it is; a client
// that reads page after page only ever skips none.
type positions struct {
	mu    sync.Mutex
	known map[list][]position // in the order of their offsets
}

// list is the rows of a table in the order of their ids. Nothing in it changed its place while shifts is the same.
type list struct {
	org    organisation.ID
	table  string
	shifts int64
}

// position says that id is the last of the first offset rows.
type position struct {
	offset int
	id     string
}

// Each bounds the memory that is taken, to about 100 bytes a position.
const (
	mostLists     = 500
	mostPositions = 1000
)

func newPositions() *positions { return &positions{known: map[list][]position{}} }

// before gives the last known position that is not behind offset: how many rows to skip, and their last id.
func (p *positions) before(l list, offset int) (skipped int, last string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.known[l]
	i := sort.Search(len(known), func(i int) bool { return known[i].offset > offset })
	if i == 0 {
		return 0, ""
	}
	return known[i-1].offset, known[i-1].id
}

func (p *positions) learn(l list, offset int, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.known[l]
	i := sort.Search(len(known), func(i int) bool { return known[i].offset >= offset })
	if i < len(known) && known[i].offset == offset {
		return
	}
	if len(known) >= mostPositions {
		known, i = nil, 0
	}
	if known == nil && len(p.known) >= mostLists {
		clear(p.known)
	}
	known = append(known, position{})
	copy(known[i+1:], known[i:])
	known[i] = position{offset, id}
	p.known[l] = known
}
