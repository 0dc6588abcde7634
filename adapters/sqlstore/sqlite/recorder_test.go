package sqlite_test

import (
	"context"
	"slices"
	"sync"

	"github.com/uptrace/bun"
)

// recorder keeps the statements that ran.
type recorder struct {
	mu         sync.Mutex
	statements []string
}

func (r *recorder) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements = append(r.statements, e.Query)
	return ctx
}

func (r *recorder) AfterQuery(context.Context, *bun.QueryEvent) {}

// during gives the statements that fn runs.
func (r *recorder) during(fn func()) []string {
	r.mu.Lock()
	r.statements = nil
	r.mu.Unlock()
	fn()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.statements)
}
