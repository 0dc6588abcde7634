package people

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/employeeid"
	"github.com/extraordinary/provisioning/domain/export"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/organisation"
	"github.com/extraordinary/provisioning/ports"
)

// Wanted is a file that somebody asks for.
type Wanted struct {
	Kind     export.Kind
	People   Query // of export.People and export.Health
	Activity ports.ActivityQuery
	Filter   string         // the same as a query string: what the page of the file tells
	Zone     *time.Location // of the times in it
}

// rowsAtOnce is how many rows are read before they are written; a part of a file holds as many.
const rowsAtOnce = 1000

// longestMaking is how long the making of a file may take.
const longestMaking = 15 * time.Minute

// Export makes a file of comma-separated values (RFC 4180) and gives its text; the journal keeps that memberID did. A
// file of more than export.MaxAtOnce rows is made behind the caller's back: then there is no text, and job says how to find
// it.
func (s *Service) Export(ctx context.Context, org organisation.ID, memberID string, w Wanted) (text []byte, job export.Job, err error) {
	now := s.now()
	total, err := s.rows(ctx, org, w, ports.Sheet{Limit: 1})
	if err != nil {
		return nil, job, err
	}
	job = export.Job{ID: s.newID(), Kind: w.Kind, Filter: w.Filter, State: export.Running, MadeBy: memberID, Made: now, Touched: now}
	large := total > export.MaxAtOnce
	err = s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		if err := tx.Exports().Forget(ctx, now.Add(-export.Kept)); err != nil {
			return err
		}
		if large {
			if err := tx.Exports().Put(ctx, job); err != nil {
				return err
			}
		}
		by, subject := activity.Actor{Kind: activity.Member, ID: memberID}, activity.Subject{Kind: "Export", ID: job.ID}
		return s.record(ctx, tx, by, activity.Created, subject, []activity.Change{{Path: "list", To: string(w.Kind)}})
	})
	if err != nil {
		return nil, job, err
	}
	if large {
		background, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestMaking)
		s.making.Go(func() {
			defer cancel()
			s.make(background, org, job, w)
		})
		return nil, job, nil
	}
	var file bytes.Buffer
	if err := s.write(ctx, org, w, func(part []byte, _ int) error { _, err := file.Write(part); return err }); err != nil {
		return nil, job, err
	}
	return file.Bytes(), job, nil
}

// Wait waits until no file is being made any more.
func (s *Service) Wait() { s.making.Wait() }

// Stop breaks off the files that are being made. It is called once, at the end.
func (s *Service) Stop() {
	close(s.stopping)
	s.making.Wait()
}

var errStopping = fault.New(fault.Unavailable, "the service stops")

// stopped is a fault once Stop was called.
func (s *Service) stopped() error {
	select {
	case <-s.stopping:
		return errStopping
	default:
		return nil
	}
}

// rows counts what is wanted, as far as the sheet says.
func (s *Service) rows(ctx context.Context, org organisation.ID, w Wanted, one ports.Sheet) (int, error) {
	if w.Kind == export.Activity {
		q := w.Activity
		q.Sheet = one
		page, err := s.Activity(ctx, org, q)
		return page.Total, err
	}
	q := w.People
	q.Sheet = one
	page, err := s.List(ctx, org, q)
	return page.Total, err
}

// make makes a file part by part. What fails leaves it broken: whoever waits for it sees so, and asks again.
func (s *Service) make(ctx context.Context, org organisation.ID, job export.Job, w Wanted) {
	ordinal := 0
	save := func(ctx context.Context, fn func(context.Context, ports.Exports) error) error {
		job.Touched = s.now()
		return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
			if fn != nil {
				if err := fn(ctx, tx.Exports()); err != nil {
					return err
				}
			}
			return tx.Exports().Put(ctx, job)
		})
	}
	err := func() (err error) {
		if job.Total, err = s.rows(ctx, org, w, ports.Sheet{Limit: 1, Whole: true}); err != nil {
			return err
		}
		if err := save(ctx, nil); err != nil { // whoever waits sees how much is to come
			return err
		}
		return s.write(ctx, org, w, func(part []byte, rows int) error {
			job.Done += rows
			err := save(ctx, func(ctx context.Context, files ports.Exports) error {
				return files.Append(ctx, job.ID, ordinal, string(part))
			})
			ordinal++
			return err
		})
	}()
	job.State = export.Ready
	if err != nil {
		job.State = export.Broken
	}
	// If this fails too, the silence says it.
	_ = save(context.WithoutCancel(ctx), nil)
}

// write makes the rows of a file and hands them on in parts of complete lines.
func (s *Service) write(ctx context.Context, org organisation.ID, w Wanted, part func(text []byte, rows int) error) error {
	sheet, head := ports.Sheet{Limit: rowsAtOnce}, true
	for {
		lines, edges, last, err := s.page(ctx, org, w, sheet)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		rows := len(lines)
		if head {
			text.WriteString("\ufeff") // without it, Excel takes ā for Ä
			lines = append([][]string{heads(w.Kind)}, lines...)
		}
		if err := writeLines(&text, lines); err != nil {
			return err
		}
		if err := errors.Join(part(text.Bytes(), rows), s.stopped()); err != nil {
			return err
		}
		if !edges.Later {
			return nil
		}
		sheet.After, head = &last, false
	}
}

func writeLines(to io.Writer, lines [][]string) error {
	out := csv.NewWriter(to)
	out.UseCRLF = true
	for _, cells := range lines {
		for i := range cells {
			cells[i] = export.Cell(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func heads(k export.Kind) []string {
	if k == export.Activity {
		return []string{"When", "Who", "From", "What", "Of what", "Changes"}
	}
	return []string{"Name", "userName", "Employee ID", "State", "Off since", "Problems", "Created"}
}

// page gives the lines of one page of a file.
func (s *Service) page(ctx context.Context, org organisation.ID, w Wanted, sheet ports.Sheet) (lines [][]string, edges ports.Edges, last ports.Place, err error) {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(w.Zone).Format("2006-01-02 15:04:05")
	}
	var places []ports.Place
	if w.Kind == export.Activity {
		q := w.Activity
		q.Sheet = sheet
		page, err := s.Activity(ctx, org, q)
		if err != nil {
			return nil, edges, last, err
		}
		for _, l := range page.Lines {
			lines = append(lines, []string{day(l.At), l.Who, cmp.Or(l.From, "not known"), l.What, l.Of, changesText(l.Changes)})
		}
		edges, places = page.Edges, page.Places
	} else {
		q := w.People
		q.Sheet = sheet
		page, err := s.List(ctx, org, q)
		if err != nil {
			return nil, edges, last, err
		}
		for _, r := range page.Rows {
			state := "active"
			if !r.Active() {
				state = "off"
			}
			lines = append(lines, []string{r.Name, r.UserName, r.EmployeeID, state, day(r.OffSince), problemsText(r.Problems), day(r.Created)})
		}
		edges, places = page.Edges, page.Places
	}
	if len(places) > 0 {
		last = places[len(places)-1]
	}
	return lines, edges, last, nil
}

func changesText(changes []Change) string {
	texts := make([]string, len(changes))
	for i, c := range changes {
		texts[i] = c.Path + ": " + c.From + " → " + c.To
	}
	return strings.Join(texts, "; ")
}

func problemsText(problems []employeeid.Problem) string {
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = string(p)
	}
	return strings.Join(texts, " ")
}

var errExpired = fault.New(fault.NotFound, "there is no such file")

// Job tells how far a file is. Faults: NotFound, also of one that expired.
func (s *Service) Job(ctx context.Context, org organisation.ID, id string) (job export.Job, err error) {
	err = s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		job, err = s.job(ctx, tx, id)
		return err
	})
	return job, err
}

func (s *Service) job(ctx context.Context, tx ports.Tx, id string) (export.Job, error) {
	job, err := tx.Exports().Get(ctx, id)
	if err != nil {
		return job, err
	}
	if s.now().After(job.Expires()) {
		return job, errExpired
	}
	return job.At(s.now()), nil
}

// File calls yield with the parts of a file that is ready. Faults: NotFound.
func (s *Service) File(ctx context.Context, org organisation.ID, id string, yield func(part string) error) error {
	begun := false
	return s.store.View(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		if begun { // what was handed on cannot be taken back
			return fault.New(fault.Unavailable, "the database broke off in the middle")
		}
		job, err := s.job(ctx, tx, id)
		if err != nil {
			return err
		}
		if job.State != export.Ready {
			return errExpired
		}
		return tx.Exports().Parts(ctx, id, func(part string) error {
			begun = true
			return yield(part)
		})
	})
}

// Forget takes away an organisation's files that have expired.
func (s *Service) Forget(ctx context.Context, org organisation.ID) error {
	return s.store.Within(ctx, org, func(ctx context.Context, tx ports.Tx) error {
		return tx.Exports().Forget(ctx, s.now().Add(-export.Kept))
	})
}
