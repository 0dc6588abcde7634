package portal

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// tools are what templates use besides the page: times as people read them.
type tools struct {
	now  time.Time
	zone *time.Location
}

func (p *Portal) tools(v Visit) tools {
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	return tools{p.options.Now(), zone}
}

// functions are those of all templates. What depends on who looks are methods of view.
func (p *Portal) functions() template.FuncMap {
	return template.FuncMap{
		"asset":  func(name string) string { return p.static.names[name] },
		"count":  count,
		"plural": plural,
		"hours":  func(d time.Duration) int { return int(d / time.Hour) },
		"addressPlus": func(address, name, value string) string {
			u, err := url.Parse(address)
			if err != nil {
				return "/"
			}
			q := u.Query()
			q.Del(name)
			if value != "" {
				q.Set(name, value)
			}
			u.RawQuery = q.Encode()
			return u.String()
		},
		"badge": func(kind, word string) badge { return badge{kind, word} },
		"field": func(v view, kind, name, label, value string, options ...string) field {
			f := field{Kind: kind, Name: name, Label: label, Value: value, Wrong: v.Wrong(name)}
			for _, o := range options {
				key, text, _ := strings.Cut(o, "=")
				switch key {
				case "autocomplete":
					f.Autocomplete = text
				case "hint":
					f.Hint = text
				case "inputmode":
					f.InputMode = text
				}
			}
			return f
		},
		"copy": func(label, value string) copied {
			return copied{label, value, strings.ToLower(strings.ReplaceAll(label, " ", "-"))}
		},
	}
}

// badge is a state in a word, with a shape and a tint. Kind is good, warn, bad, info or plain.
type badge struct{ Kind, Word string }

// field is an input with its label, hint and fault.
type field struct{ Kind, Name, Label, Value, Autocomplete, Hint, InputMode, Wrong string }

// Described is what the input is described by.
func (f field) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Wrong != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// copied is a value that is there to be copied.
type copied struct{ Label, Value, ID string }

// Moment is a time as a template writes it.
type Moment struct {
	ISO   string // for machines
	Text  string // 25 Nov 2026, 14:03
	Since string // 6 minutes ago; empty for what is long ago or to come
}

// When gives t in the organisation's time zone.
func (v view) When(t time.Time) Moment {
	t = t.In(v.tools.zone)
	return Moment{t.Format(time.RFC3339), t.Format("2 Jan 2006, 15:04"), since(v.tools.now.Sub(t))}
}

// Left is how many milliseconds are left of the session.
func (v view) Left() int64 { return v.Visit.Ends.Sub(v.tools.now).Milliseconds() }

// Clock gives the hour and minute of t in the organisation's time zone.
func (v view) Clock(t time.Time) string { return t.In(v.tools.zone).Format("15:04") }

// Day gives the date of t in the organisation's time zone.
func (v view) Day(t time.Time) string { return t.In(v.tools.zone).Format("2 Jan 2006") }

// ZoneName is the time zone that times are shown in.
func (v view) ZoneName() string {
	name := v.tools.zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// since says how long ago something was, as long as that is easier to grasp than the date.
func since(d time.Duration) string {
	switch {
	case d < -time.Minute:
		return ""
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute") + " ago"
	case d < 24*time.Hour:
		return plural(int(d/time.Hour), "hour") + " ago"
	case d < 14*24*time.Hour:
		return plural(int(d/(24*time.Hour)), "day") + " ago"
	}
	return ""
}

// plural counts things: "1 person", "1,204 requests".
func plural(n int, one string, many ...string) string {
	if n == 1 {
		return "1 " + one
	}
	if len(many) > 0 {
		return count(n) + " " + many[0]
	}
	return count(n) + " " + one + "s"
}

// count writes a number in groups of three figures.
func count(n int) string {
	if n < 0 {
		return "-" + count(-n)
	}
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
