// Package browsertest looks at pages with a real browser: Chromium, driven by its own protocol.
package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Look is how a page is looked at.
type Look struct {
	Width     int // CSS pixels; 0: 1280
	Dark      bool
	NoScripts bool
	Forced    bool // colours are those that the reader has chosen for everything
	Motion    bool // the reader has not asked for less motion
}

func (l Look) String() string {
	words := fmt.Sprint(l.Width)
	if l.Dark {
		words += " dark"
	}
	if l.NoScripts {
		words += " without scripts"
	}
	if l.Forced {
		words += " in forced colours"
	}
	if l.Motion {
		words += " with motion"
	}
	return words
}

// Browser is a window of its own, with cookies of its own.
type Browser struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// stepTime bounds what one step may take: on a busy machine a page takes seconds.
const stepTime = 30 * time.Second

// Open opens a window, which closes with t. Where there is no Chromium the test is skipped with one line; in CI it fails.
func Open(t testing.TB, look Look) *Browser {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium: install it")
		}
		t.Skip("SKIPPED, nothing of it was tested: there is no chromium; install it") //nolint:forbidigo // not everybody has one; CI must
	}
	if look.Width == 0 {
		look.Width = 1280
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU)
	allocated, end := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, closed := chromedp.NewContext(allocated)
	b := &Browser{t: t, ctx: ctx}
	t.Cleanup(func() { closed(); end() })
	if err := chromedp.Listen(ctx, b.hear); err != nil { // which starts the browser, for as long as ctx lives
		t.Fatalf("chromium does not start: %v", err)
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	b.run(chromedp.EmulateViewport(int64(look.Width), 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
		if look.Motion {
			features[1].Value = "no-preference"
		}
		if look.Forced {
			features = append(features, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
		}
		_, err1 := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		_, err2 := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.NoScripts})
		return errors.Join(err1, err2)
	}))
	return b
}

// hear collects what the browser complains of.
func (b *Browser) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complain("exception: " + e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			b.complain("console: " + strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			b.complain(string(e.Entry.Source) + ": " + e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		b.complain("dialog: " + e.Message)
		go func() { // not from here: hear is what reads the answers
			_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	}
}

func (b *Browser) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, text)
}

// Complaints are the errors and warnings of the console so far, but for the line that the browser itself writes of a
// 4xx or 5xx.
func (b *Browser) Complaints() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		if !strings.HasPrefix(c, "network: Failed to load resource: the server responded with a status of") {
			all = append(all, c)
		}
	}
	return all
}

type step = chromedp.Action[chromedp.Void]

func (b *Browser) run(steps ...step) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	b.must(chromedp.Do(ctx, steps...))
}

func (b *Browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%v; at %s: %.3000s", err, read(b, chromedp.Location()), read(b, chromedp.OuterHTML(chromedp.CSS("html"))))
	}
}

// read gives what an action finds, or why it finds nothing.
func read(b *Browser, a chromedp.Action[string]) string {
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	text, err := chromedp.Run(ctx, a)
	if err != nil {
		return err.Error()
	}
	return text
}

// Visit opens an address and waits until the page is there.
func (b *Browser) Visit(url string) { b.t.Helper(); b.run(chromedp.Navigate(url)) }

// Press clicks what the selector finds first, which must be to be seen.
func (b *Browser) Press(selector string) {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Submit presses a button that leads to another page, and waits for that.
func (b *Browser) Submit(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	b.must(err)
}

// Type writes into a field, in place of what it holds.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.run(chromedp.Clear(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Keys presses keys, as package kb names them, wherever the focus is.
func (b *Browser) Keys(keys string) { b.t.Helper(); b.run(chromedp.KeyEvent(keys)) }

// Text is what can be read in what the selector finds first; it waits until that is there.
func (b *Browser) Text(selector string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	b.must(err)
	return text
}

// Count counts what the selector finds now.
func (b *Browser) Count(selector string) int {
	b.t.Helper()
	return Eval[int](b, fmt.Sprintf("document.querySelectorAll(%q).length", selector))
}

// Eval gives what an expression is on the page.
func Eval[T any](b *Browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	b.must(err)
	return value
}

// Address is the page's.
func (b *Browser) Address() string { return read(b, chromedp.Location()) }

// SetCookie gives the window a cookie for the pages of an address.
func (b *Browser) SetCookie(url, name, value string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url, HTTPOnly: new(true)})
	b.must(err)
}

// Picture writes a picture of what the window shows into a file.
func (b *Browser) Picture(file string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.must(err)
	b.must(os.WriteFile(file, picture, 0o644))
}

// Screenshot writes a picture of the whole page into a file.
func (b *Browser) Screenshot(file string) {
	b.t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.must(err)
	b.must(os.WriteFile(file, picture, 0o600))
}

//go:embed testdata/axe.js
var axe string

// Inaccessible lists what axe-core finds wrong on the page: WCAG 2.2 A and AA, and its best practices.
func (b *Browser) Inaccessible() (faults []string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: axe + ";0"})
	b.must(err)
	found := Eval[string](b, `axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: {"target-size": {enabled: true}},
	}).then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html + " " + n.failureSummary).join(" | "))))`)
	b.must(json.Unmarshal([]byte(found), &faults))
	return faults
}

// Reach presses Tab until the focus is on what the selector finds, as who has no mouse does; it is an error if it never is.
func (b *Browser) Reach(selector string) {
	b.t.Helper()
	for range mostTabs {
		if Eval[bool](b, fmt.Sprintf("document.activeElement?.matches(%q) ?? false", selector)) {
			return
		}
		b.Keys("\t")
	}
	b.t.Fatalf("at %s the keyboard does not reach %s", b.Address(), selector)
}

// mostTabs is more than any page has controls.
const mostTabs = 300

// Enter presses Enter on what the selector finds, once Reach is there, and waits for the page that it leads to.
func (b *Browser) Enter(selector string) {
	b.t.Helper()
	b.Reach(selector)
	ctx, cancel := context.WithTimeout(b.ctx, stepTime)
	defer cancel()
	_, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter))
	b.must(err)
}
