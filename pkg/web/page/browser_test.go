package page_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The tests that need a browser run where PORTARIA_BROWSER is "required", and fail there
// when it cannot be had. One browser serves them all; each test gets a profile of its own.
const browserVariable = "PORTARIA_BROWSER"

var chromium struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

func startChromium() error {
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return fmt.Errorf("there is no chromium on the path; on Debian: apt-get install chromium")
	}
	profile, err := os.MkdirTemp("", "portaria-browser-")
	if err != nil {
		return err
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "pt-BR"), chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(time.Minute))...)
	ctx, cancel := chromedp.NewContext(allocator)
	chromium.ctx = ctx
	chromium.stop = func() {
		cancel()
		cancelAllocator()
		os.RemoveAll(profile)
	}
	return chromedp.Do(ctx)
}

// A tab is a page in a browser, and all that went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // console output, exceptions, refusals by the policy
	requests []string // addresses asked of a network
}

// An option is done in a tab before anything is opened.
type option func(*tab)

func newTab(t *testing.T, options ...option) *tab {
	t.Helper()
	if os.Getenv(browserVariable) != "required" {
		t.Skipf("not run: it needs Chromium and axe-core (make browser, or %s=required)", browserVariable)
	}
	chromium.once.Do(func() { chromium.err = startChromium() })
	if chromium.err != nil {
		t.Fatalf("%s=required, but no browser: %v", browserVariable, chromium.err)
	}
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.note))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, audits.Enable, cdp.Empty{})
	b.size(1280, 900)
	for _, option := range options {
		option(b)
	}
	return b
}

func noScript(b *tab) {
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// before runs a script ahead of the page's own.
func before(script string) option {
	return func(b *tab) {
		call(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	}
}

func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.troubles = append(b.troubles, fmt.Sprintf("console.%s: %s", e.Type, asJSON(e.Args)))
	case *runtime.EventExceptionThrown:
		b.troubles = append(b.troubles, "exception: "+asJSON(e.ExceptionDetails))
	case *log.EventEntryAdded:
		b.troubles = append(b.troubles, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
	case *audits.EventIssueAdded:
		b.troubles = append(b.troubles, fmt.Sprintf("%s: %s", e.Issue.Code, asJSON(e.Issue.Details)))
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// complaints is what went wrong so far, but for the console's own line on each status of 400 and above.
func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.troubles), func(trouble string) bool {
		return strings.HasPrefix(trouble, "network: Failed to load resource: the server responded with a status of ")
	})
}

// asked is the addresses that the tab has asked for, but for data: ones.
func (b *tab) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.requests), func(address string) bool { return strings.HasPrefix(address, "data:") })
}

func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("in the browser: %v", err)
	}
}

func (b *tab) open(address string) *tab {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
	return b
}

// eval is what a JavaScript expression gives; promises are awaited.
func eval[T any](b *tab, format string, args ...any) T {
	b.t.Helper()
	result, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](fmt.Sprintf(format, args...), chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("eval %s: %v", fmt.Sprintf(format, args...), err)
	}
	return result
}

// until waits for a JavaScript expression to be true.
func (b *tab) until(expression string) {
	b.t.Helper()
	last := time.Now().Add(30 * time.Second)
	for {
		// Between two documents there is nothing to ask.
		met, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf("!!(%s)", expression)))
		if err == nil && met {
			return
		}
		if time.Now().After(last) {
			b.t.Fatalf("never came true: %s (%v)\nthe page says: %s", expression, err, b.text("body"))
		}
		b.do(chromedp.Sleep(20 * time.Millisecond))
	}
}

// text is what can be read in the first element that a selector finds.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(eval[string](b, "document.querySelector(%q)?.innerText ?? ''", selector))
}

// value is what stands in a field.
func (b *tab) value(selector string) string {
	b.t.Helper()
	return eval[string](b, "document.querySelector(%q).value", selector)
}

// focused is the id of what has the focus, or its name, class or text.
func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, "(e => e.id || e.className || e.tagName)(document.activeElement)")
}

// fill replaces what stands in a field, as an input method does: in one go.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)))
	eval[bool](b, "document.activeElement.select() ?? true")
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// press is keys, one after the other.
func (b *tab) press(keys string, options ...chromedp.KeyOption) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys, options...))
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// submit presses the form's own button.
func (b *tab) submit(form string) {
	b.t.Helper()
	b.click("#" + form + " [type=submit]")
}

func (b *tab) size(width, height int64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

// media sets CSS media features: name, value, name, value.
func (b *tab) media(features ...string) {
	b.t.Helper()
	var list []*emulation.MediaFeature
	for i := 0; i < len(features); i += 2 {
		list = append(list, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: list})
}

// offline unplugs the network.
func (b *tab) offline(on bool) {
	b.t.Helper()
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: on, DownloadThroughput: -1, UploadThroughput: -1}}})
}
