package page_test

import (
	"encoding/json"
	"os"
	"testing"
)

const axeFile = "../../../.tools/axe/axe.min.js"

// Point 1 of the checklist: axe-core has nothing to say, not even "look at it yourself", in
// any state, light and dark, at three widths.
func checkAxe(t *testing.T, b *tab) {
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		t.Fatalf("axe-core is missing (.ci/axe fetches it): %v", err)
	}
	eval[bool](b, "%s\n;true", axe)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{320, 768, 1280} {
			b.size(width, 900)
			b.media("prefers-color-scheme", scheme)
			found := eval[json.RawMessage](b, `axe.run(document, {resultTypes: ['violations', 'incomplete']}).then((r) =>
					[...r.violations, ...r.incomplete].map((v) => [v.id, v.help, v.nodes.map((n) => n.html + ' ' + n.failureSummary)]))`)
			if string(found) != "[]" {
				t.Errorf("%s, %d px: %s", scheme, width, found)
			}
		}
	}
	if ran := eval[int](b, "axe.run().then((r) => r.passes.length)"); ran < 10 {
		t.Errorf("only %d rules of axe found anything to look at", ran)
	}
}
