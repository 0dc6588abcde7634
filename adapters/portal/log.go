package portal

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	apptraffic "github.com/extraordinary/provisioning/application/traffic"
	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/activity"
	"github.com/extraordinary/provisioning/domain/export"
	"github.com/extraordinary/provisioning/domain/traffic"
	"github.com/extraordinary/provisioning/domain/tree"
	"github.com/extraordinary/provisioning/ports"
)

// logRoutes are the provisioning log.
func (p *Portal) logRoutes() []route {
	integrations := needs(access.ManageIntegrations)
	return []route{
		{http.MethodGet, "/settings/scim/log", integrations, p.log},
		{http.MethodGet, "/settings/scim/log.csv", integrations, p.logFile},
		{http.MethodGet, "/settings/scim/log/{request}", integrations, p.logged},
	}
}

const logPage = 50

// logList is the content of the log's page.
type logList struct {
	Rows         []logRow
	Older, Newer string // addresses
	Filter       url.Values
	Filtered     bool
	Problems     []problem
	Day          sparkline
	Latest       string // the address of what is newer than the first row
	News         int    // how many that are
	Follow       bool
	CSV          string
	Codes        []traffic.Code
	Secrets      []choice
	TooMany      bool // to look through: the time must be narrowed
}

// logRow is one line of the log.
type logRow struct {
	traffic.Exchange
	State badge
	Link  string
}

// problem is one line of what is wrong now.
type problem struct {
	traffic.Problem
	Title, Link string
}

func stateOf(o traffic.Outcome) badge {
	switch o {
	case traffic.Done:
		return badge{"good", "Done"}
	case traffic.Noted:
		return badge{"warn", "Done, with a note"}
	case traffic.Refused:
		return badge{"bad", "Refused"}
	case traffic.Failed:
	}
	return badge{"info", "Our fault"}
}

// logQuery reads the filter out of an address. What cannot be read filters nothing.
func logQuery(values url.Values, zone *time.Location) traffic.Query {
	day := func(name string) time.Time {
		t, err := time.ParseInLocation("2006-01-02T15:04", values.Get(name), zone)
		if err != nil {
			t, _ = time.ParseInLocation(time.DateOnly, values.Get(name), zone) // the zero time filters nothing
		}
		return t
	}
	return traffic.Query{
		Text: strings.TrimSpace(values.Get("q")), Subject: values.Get("subject"), Outcome: traffic.Outcome(values.Get("outcome")), Code: traffic.Code(values.Get("problem")),
		About: traffic.About(values.Get("kind")), KeyID: values.Get("secret"), From: day("from"), To: day("to"), Reads: values.Get("reads") == "yes",
		Before: values.Get("before"), After: values.Get("after"), Limit: logPage,
	}
}

// filterOnly gives the part of an address that filters.
func filterOnly(values url.Values) url.Values {
	only := url.Values{}
	for _, name := range []string{"q", "subject", "outcome", "problem", "kind", "secret", "from", "to", "reads", "follow"} {
		if text := values.Get(name); text != "" {
			only.Set(name, text)
		}
	}
	return only
}

func addressWith(path string, filter url.Values, name, value string) string {
	all := url.Values{}
	for n, v := range filter {
		all[n] = v
	}
	if value != "" {
		all.Set(name, value)
	}
	if len(all) == 0 {
		return path
	}
	return path + "?" + all.Encode()
}

func (p *Portal) log(w http.ResponseWriter, r *http.Request, v Visit) error {
	values := r.URL.Query()
	filter := filterOnly(values)
	q := logQuery(values, p.tools(v).zone)
	all, older, newer, err := p.options.Traffic.List(r.Context(), v.Organisation, q)
	if err != nil {
		return err
	}
	const path = "/settings/scim/log"
	l := logList{Filter: filter, Filtered: len(filter) > 0, Follow: values.Get("follow") == "yes", CSV: addressWith(path+".csv", filter, "", ""), Codes: traffic.Codes}
	for _, e := range all {
		l.Rows = append(l.Rows, logRow{e, stateOf(e.Outcome), addressWith(path+"/"+e.ID, filter, "", "")})
	}
	if len(all) > 0 {
		if older {
			l.Older = addressWith(path, filter, "before", all[len(all)-1].ID)
		}
		if newer {
			l.Newer = addressWith(path, filter, "after", all[0].ID)
		}
		l.Latest = all[0].ID
	}
	if since := values.Get("since"); since != "" { // asked by the page that follows
		q.Before, q.After, q.Limit = "", since, 100
		fresh, _, _, err := p.options.Traffic.List(r.Context(), v.Organisation, q)
		if err != nil {
			return err
		}
		l.News, l.Latest = len(fresh), since
	}
	if older || newer { // more than one page
		n, err := p.options.Traffic.Count(r.Context(), v.Organisation, q)
		if err != nil {
			return err
		}
		l.TooMany = n > ports.CountedTo
	}
	if l.Secrets, err = p.secretChoices(r.Context(), v); err != nil {
		return err
	}
	if err := p.overview(r, v, &l); err != nil {
		return err
	}
	return p.render(w, r, v, http.StatusOK, "log", page{Title: "Provisioning log", Section: "/settings", Tab: "/settings/scim", Body: l})
}

// secretChoices are the secrets that requests are filtered by.
func (p *Portal) secretChoices(ctx context.Context, v Visit) (all []choice, err error) {
	standing, err := p.options.Credentials.Standing(ctx, v.Organisation)
	for _, s := range standing.Secrets {
		all = append(all, choice{s.KeyID, s.Name + " scs_" + s.KeyID + "…"})
	}
	return all, err
}

// problems are what the log says is wrong now, each with a link to its rows.
func (p *Portal) problems(ctx context.Context, v Visit) (all []problem, err error) {
	found, err := p.options.Traffic.Problems(ctx, v.Organisation)
	for _, f := range found {
		all = append(all, problem{f, f.Code.Words().Title, "/settings/scim/log?problem=" + string(f.Code)})
	}
	return all, err
}

// overview adds what is wrong now, and the last day in bars.
func (p *Portal) overview(r *http.Request, v Visit, l *logList) error {
	problems, err := p.problems(r.Context(), v)
	if err != nil {
		return err
	}
	l.Problems = problems
	health, err := p.options.People.Health(r.Context(), v.Organisation)
	if err != nil {
		return err
	}
	for _, row := range health.Rows { // what no request of its own shows
		if code := traffic.Code(row.Problem); row.People > 0 && code == traffic.IDNearDouble {
			found := traffic.Problem{Code: code, Count: row.People, First: row.Since}
			l.Problems = append(l.Problems, problem{found, code.Words().Title, "/people/ids"})
		}
	}
	l.Day, err = p.sparkline(r.Context(), v)
	return err
}

// logged is one request.
type logged struct {
	apptraffic.Shown
	State        badge
	Words        traffic.Words
	Older, Newer string // addresses
	More         string // the address of the others with the same problem
	Request      string
	Response     string
	Secret       string
	Copied       string
	Reasons      []reason
}

// reason is a sentence more of why something was refused, with somebody in it who has a page.
type reason struct{ Link, Name, Text string }

// Remedies are the steps of the remedy.
func (l logged) Remedies() [][]fragment { return steps(l.Words.Remedy) }

// steps makes bold what stands between asterisks: the name of something in Entra.
func steps(remedy []string) (steps [][]fragment) {
	for _, step := range remedy {
		var parts []fragment
		for i, text := range strings.Split(step, "*") {
			if text != "" {
				parts = append(parts, fragment{text, i%2 == 1})
			}
		}
		steps = append(steps, parts)
	}
	return steps
}

// fragment is a piece of a sentence; Strong is the name of something in Entra.
type fragment struct {
	Text   string
	Strong bool
}

// Changed says what an attribute was and is.
func (l logged) Changed(c activity.Change) string {
	return c.Path + ": " + shownValue(c.Path, c.From) + " → " + shownValue(c.Path, c.To)
}

func shownValue(path string, v tree.Value) string {
	if v == nil {
		return "nothing"
	}
	o := tree.NewObject()
	root, _, _ := strings.Cut(path, ".")
	o.Set(root, v)
	hidden, _ := traffic.Redact(o).(*tree.Object)
	if text, ok := hidden.Get(root).(string); ok {
		return text
	}
	return string(tree.Append(nil, hidden.Get(root)))
}

func (p *Portal) logged(w http.ResponseWriter, r *http.Request, v Visit) error {
	values := r.URL.Query()
	filter := filterOnly(values)
	shown, err := p.options.Traffic.Get(r.Context(), v.Organisation, mux.Vars(r)["request"], logQuery(values, p.tools(v).zone))
	if err != nil {
		return err
	}
	const path = "/settings/scim/log"
	l := logged{Shown: shown, State: stateOf(shown.Outcome), Words: shown.Code().Words(), Request: indented(shown.Request), Response: indented(shown.Response)}
	if shown.Older != "" {
		l.Older = addressWith(path+"/"+shown.Older, filter, "", "")
	}
	if shown.Newer != "" {
		l.Newer = addressWith(path+"/"+shown.Newer, filter, "", "")
	}
	if shown.Others > 0 {
		l.More = path + "?problem=" + string(shown.Code())
	}
	if shown.KeyID != "" {
		l.Secret = "scs_" + shown.KeyID + "…"
	}
	if l.Reasons, err = p.reasons(r.Context(), v, shown); err != nil {
		return err
	}
	at := shown.At.UTC().Format(time.RFC3339)
	l.Copied = "Request " + shown.ID + "\nTrace " + shown.Trace + "\n" + at + " " + shown.Method + " " + shown.Path + " " + strconv.Itoa(shown.Status) + " " + string(shown.Code()) + "\n" + shown.Sentence()
	return p.render(w, r, v, http.StatusOK, "logged", page{Title: l.Words.Title + " – request", Section: "/settings", Tab: "/settings/scim", Body: l})
}

// reasons tell what is known now of why a request was refused or noted.
func (p *Portal) reasons(ctx context.Context, v Visit, shown apptraffic.Shown) (all []reason, err error) {
	day := func(t time.Time) string { return t.In(p.tools(v).zone).Format("2 Jan 2006") }
	for _, h := range shown.Because.Holders {
		has := reason{"/people/" + string(h.ID), h.Name, " has it, and was first provisioned on " + day(h.Created)}
		if h.About == traffic.Group {
			has.Link = "/groups/" + string(h.ID)
		}
		if !h.OffSince.IsZero() {
			has.Text += ", switched off since " + day(h.OffSince)
		}
		has.Text += "."
		all = append(all, has)
	}
	if at := shown.Because.Erased; !at.IsZero() {
		all = append(all, reason{Text: "It was erased here on " + day(at) + "."})
	}
	if pause := shown.Because.Pause; !pause.Since.IsZero() {
		by, err := p.actor(ctx, v, activity.Actor{Kind: activity.Member, ID: pause.By})
		if err != nil {
			return nil, err
		}
		all = append(all, reason{Text: by + " paused provisioning on " + day(pause.Since) + " at " + pause.Since.In(p.tools(v).zone).Format("15:04") + ": " + pause.Reason})
	}
	if shown.Code() == traffic.SecretEnded {
		return p.ended(ctx, v, shown.KeyID, day)
	}
	return all, nil
}

// ended tells when a secret ended, and who ended it.
func (p *Portal) ended(ctx context.Context, v Visit, keyID string, day func(time.Time) string) ([]reason, error) {
	standing, err := p.options.Credentials.Standing(ctx, v.Organisation)
	if err != nil {
		return nil, err
	}
	for _, s := range standing.Secrets {
		if s.KeyID != keyID {
			continue
		}
		row, err := p.secretRow(ctx, v, s)
		if err != nil || row.EndedBy == "" {
			return []reason{{Text: "It expired on " + day(s.Expires) + "."}}, err
		}
		return []reason{{Text: row.EndedBy + " revoked it on " + day(s.Expires) + "."}}, nil
	}
	return nil, nil
}

func indented(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text
	}
	whole, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return text
	}
	return string(whole)
}

// logFile sends all that matches as CSV, a page at a time: it is never held whole.
func (p *Portal) logFile(w http.ResponseWriter, r *http.Request, v Visit) error {
	q := logQuery(r.URL.Query(), p.tools(v).zone)
	q.Before, q.After, q.Limit = "", "", 1000
	all, older, _, err := p.options.Traffic.List(r.Context(), v.Organisation, q)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="provisioning-log.csv"`)
	out := csv.NewWriter(w)
	write := func(row ...string) error {
		for i := range row {
			row[i] = export.Cell(row[i])
		}
		return out.Write(row)
	}
	if err := write("time", "person or group", "what", "outcome", "problem", "sentence", "requests", "request", "trace"); err != nil {
		return nil //nolint:nilerr // a browser that is gone cannot be told
	}
	for {
		for _, e := range all {
			err := write(e.At.UTC().Format(time.RFC3339), e.Name, e.Act.Title(), string(e.Outcome), string(e.Code()), e.Sentence(), strconv.Itoa(e.Count), e.ID, e.Trace)
			if err != nil {
				return nil //nolint:nilerr // as above
			}
		}
		out.Flush()
		if !older {
			return nil
		}
		q.Before = all[len(all)-1].ID
		if all, older, _, err = p.options.Traffic.List(r.Context(), v.Organisation, q); err != nil {
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}
}
