package limit_test

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pontte/portaria/pkg/limit"
)

func TestAddressKey(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.9":                    "203.0.113.9",
		"::ffff:203.0.113.9":             "203.0.113.9",
		"::FFFF:cb00:7109":               "203.0.113.9",
		"2001:db8:1:2:3:4:5:6":           "2001:db8:1:2::/64",
		"2001:0DB8:0001:0002::ffff":      "2001:db8:1:2::/64",
		"2001:db8:1:3::1":                "2001:db8:1:3::/64",
		"fe80::1%eth0":                   "fe80::/64",
		"::1":                            "::/64",
		"":                               "unknown",
		"unknown":                        "unknown",
		"localhost":                      "unknown",
		"203.0.113.9:443":                "unknown",
		"[2001:db8::1]":                  "unknown",
		"203.0.113":                      "unknown",
		"203.0.113.09":                   "unknown",
		"203.0.113.9, 198.51.100.7":      "unknown",
		" 203.0.113.9":                   "unknown",
		"2001:db8:1:2:3:4:5:6:7":         "unknown",
		"999.0.113.9":                    "unknown",
		"::ffff:203.0.113.9%eth0":        "203.0.113.9",
		"2001:db8:1:2:3:4:203.0.113.9":   "2001:db8:1:2::/64",
		"0:0:0:0:0:ffff:203.0.113.9":     "203.0.113.9",
		"２０３.0.113.9":                    "unknown",
		"203.0.113.9\x00":                "unknown",
		"2001:db8:1:2::/64":              "unknown",
		"64:ff9b::203.0.113.9":           "64:ff9b::/64",
		"ffff:ffff:ffff:ffff:f:f:f:ffff": "ffff:ffff:ffff:ffff::/64",
	} {
		if got := limit.AddressKey(ip); got != want {
			t.Errorf("AddressKey(%q) = %q, want %q", ip, got, want)
		}
	}
}

// FuzzAddressKey holds that a key is one of three things, and that whoever has
// the first 64 bits of an IPv6 address has its key.
func FuzzAddressKey(f *testing.F) {
	for _, ip := range []string{"203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1", "fe80::1%eth0", "", "203.0.113.9:443"} {
		f.Add(ip)
	}
	f.Fuzz(func(t *testing.T, ip string) {
		key := limit.AddressKey(ip)
		address, err := netip.ParseAddr(ip)
		prefix, notPrefix := netip.ParsePrefix(key)
		switch {
		case err != nil:
			if key != "unknown" {
				t.Errorf("AddressKey(%q) = %q, want unknown", ip, key)
			}
		case address.Unmap().Is4():
			if key != address.Unmap().WithZone("").String() {
				t.Errorf("AddressKey(%q) = %q, want the address", ip, key)
			}
		default:
			if notPrefix != nil || prefix.Bits() != 64 || !prefix.Contains(address.WithZone("")) || prefix.Masked() != prefix {
				t.Errorf("AddressKey(%q) = %q, want its first 64 bits", ip, key)
			}
		}
	})
}

func TestSubjectsOfDifferentPartsDiffer(t *testing.T) {
	part := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9:a]{0,6}`))
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOfN(part, 0, 3).Draw(t, "a"), rapid.SliceOfN(part, 0, 3).Draw(t, "b")
		if same := limit.Subject(a...) == limit.Subject(b...); same != slices.Equal(a, b) {
			t.Fatalf("Subject(%q) and Subject(%q): the same is %v", a, b, same)
		}
	})
}
