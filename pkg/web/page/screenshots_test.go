package page_test

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
)

// TestScreenshots writes what every state looks like into the folder that
// PORTARIA_SCREENSHOTS names: light at three widths, dark at the narrowest.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("PORTARIA_SCREENSHOTS")
	if folder == "" {
		t.Skip("not run: PORTARIA_SCREENSHOTS names no folder (make screenshots)")
	}
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			b := newTab(t, s.options...)
			b.media("prefers-reduced-motion", "reduce")
			d := newDesk(t, settings, s.answers...)
			s.play(b, d)
			for _, look := range []struct {
				suffix, scheme string
				width          int64
			}{{"320", "light", 320}, {"768", "light", 768}, {"1280", "light", 1280}, {"320-dark", "dark", 320}} {
				b.media("prefers-color-scheme", look.scheme, "prefers-reduced-motion", "reduce")
				b.size(look.width, 600)
				b.size(look.width, eval[int64](b, "document.documentElement.scrollHeight"))
				shot := call(b, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{Format: cdppage.CaptureScreenshotFormatPng})
				small, err := shrink(shot.Data)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%s.png", s.name, look.suffix)), small, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// shrink gives the picture in its 24 commonest colours: a page is made of few.
func shrink(data []byte) ([]byte, error) {
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	count := map[color.Color]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			count[picture.At(x, y)]++
		}
	}
	palette := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	few := image.NewPaletted(picture.Bounds(), palette[:min(24, len(palette))])
	draw.Draw(few, few.Bounds(), picture, image.Point{}, draw.Src)
	var small bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, few)
	return small.Bytes(), err
}
