package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/pontte/portaria/pkg/web/page"
)

// newTab starts Chromium where PORTARIA_BROWSER is "required", and fails there when
// it cannot be had.
func newTab(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("PORTARIA_BROWSER") != "required" {
		t.Skip("not run: it needs Chromium (make browser, or PORTARIA_BROWSER=required)")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("PORTARIA_BROWSER=required, but no browser: %v; on Debian: apt-get install chromium", err)
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a JavaScript expression to be true.
func until(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	for {
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && met {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("never came true: %s (%v)", expression, err)
		}
		if err := chromedp.Do(ctx, chromedp.Sleep(20*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStoryInABrowser is the whole of what happens when all is valid: registered
// by a system, checked and claimed by the trigger, invited by e-mail; the customer
// opens the link, sets the password on the page, and signs in with it.
func TestStoryInABrowser(t *testing.T) {
	ctx := newTab(t)
	for name, expired := range map[string]bool{"with the invitation": false, "with another password, after that expired": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.post("/users", registration, http.StatusCreated)
			if expired {
				h.later.Store(int64(73 * time.Hour))
				h.post("/password/resend", `{"username":"`+email+`"}`, http.StatusAccepted)
			}
			address, userName, temporary := h.link()
			link := fmt.Sprintf("%s#u=%s&c=%s", address, userName, temporary)
			if err := chromedp.Do(ctx, chromedp.Navigate(link)); err != nil {
				t.Fatal(err)
			}
			until(t, ctx, fmt.Sprintf("document.querySelector('[name=%s]').value === %q && document.querySelector('[name=%s]').value === %q && location.hash === ''",
				page.FieldUsername, email, page.FieldTemporary, temporary))
			if err := chromedp.Do(ctx, chromedp.Focus(chromedp.CSS("[name="+page.FieldNew+"]"))); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: chosen}); err != nil {
				t.Fatal(err)
			}
			if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS("#create [type=submit]"), chromedp.NodeVisible)); err != nil {
				t.Fatal(err)
			}
			until(t, ctx, "document.querySelector('h1').innerText === 'Sua senha foi criada'")
			h.wantConfirmed(chosen)
		})
	}
}
