package portal

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"

	"github.com/extraordinary/provisioning/domain/access"
	"github.com/extraordinary/provisioning/domain/fault"
)

//go:embed templates
var templateFiles embed.FS

// page is what a template is filled with.
type page struct {
	Title   string
	Section string // the path of the entry of the navigation that the page belongs to
	Tab     string // the path of the tab of the settings
	Errors  []fieldError
	Body    any
	Bare    bool // without navigation: nobody is signed in, or it is not known who
}

// fieldError is what is wrong with one field of a form.
type fieldError struct{ Field, Text string }

// link is an entry of a navigation.
type link struct {
	Path, Text string
	needs      []access.Permission
}

var navigation = []link{
	{"/", "Home", anybody},
	{"/people", "People", anybody},
	{"/groups", "Groups", anybody},
	{"/activity", "Activity", needs(access.ManageUsers, access.StaffManagement, access.ManageIntegrations)},
	{"/settings", "Settings", needs(access.StaffManagement, access.ManageIntegrations)},
}

var settingsTabs = []link{
	{"/settings/organisation", "Organisation", needs(access.StaffManagement)},
	{"/settings/team", "Team", needs(access.StaffManagement)},
	{"/settings/scim", "SCIM", needs(access.ManageIntegrations)},
}

// view is a page with what stands round it.
type view struct {
	page
	Visit Visit
	Flash string
	Path  string // the address of this very page, with its query; Home's where it cannot be asked for again
	tools tools
}

// Navigation are the pages that the visitor may open.
func (v view) Navigation() []link { return v.allowed(navigation) }

// Tabs are the settings that the visitor may open.
func (v view) Tabs() []link { return v.allowed(settingsTabs) }

func (v view) allowed(all []link) (open []link) {
	for _, l := range all {
		if v.Visit.May(l.needs...) {
			open = append(open, l)
		}
	}
	return open
}

// May reports whether the visitor has the permission, so that a page shows no link that leads nowhere.
func (v view) May(p access.Permission) bool { return v.Visit.May(p) }

// Wrong is what is wrong with a field, if anything.
func (v view) Wrong(field string) string {
	for _, e := range v.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// readTemplates reads each page together with what stands round it. A page's file defines "content"; parts.html has what
// several pages use.
func (p *Portal) readTemplates() (map[string]*template.Template, error) {
	frame, err := template.New("layout.html").Funcs(p.functions()).ParseFS(templateFiles, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	all := map[string]*template.Template{}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
		if name == "layout" || name == "parts" {
			continue
		}
		t, err := frame.Clone()
		if err == nil {
			t, err = t.ParseFS(templateFiles, "templates/"+f.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", f.Name(), err)
		}
		all[name] = t
	}
	return all, nil
}

// render sends a page. It is made whole before the first byte leaves, so that a fault is not half a page.
func (p *Portal) render(w http.ResponseWriter, r *http.Request, v Visit, status int, name string, content page) error {
	t, known := p.templates[name]
	if !known {
		return fault.New(fault.Internal, "there is no template %s", name)
	}
	shown := view{page: content, Visit: v, Path: "/", tools: p.tools(v)}
	if status < http.StatusBadRequest && r.Method == http.MethodGet { // what is not there looks the same at each address
		shown.Path = r.URL.RequestURI()
	}
	shown.Flash = p.takeFlash(w, r)
	if len(content.Errors) > 0 {
		shown.Title = "Error: " + shown.Title
	}
	var whole bytes.Buffer
	if err := t.Execute(&whole, shown); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if r.Header.Get("HX-Request") != "" {
		h.Set("Vary", "HX-Request")
	}
	w.WriteHeader(status)
	_, _ = w.Write(whole.Bytes()) // a browser that is gone cannot be told
	return nil
}
