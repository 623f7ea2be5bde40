package limit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// unknownAddress is the one bucket of all addresses that are none.
const unknownAddress = "unknown"

// AddressKey gives the part of an IP address that one client is taken to have: an
// IPv4 address whole, of an IPv6 address the first 64 bits, which is what a home
// gets and can choose from at will. IPv4 written as IPv6 (::ffff:192.0.2.1) is
// IPv4, however it is spelled; zones are left out. All that is no address gives
// one and the same key.
func AddressKey(ip string) string {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return unknownAddress
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	network, err := address.Prefix(64)
	if err != nil {
		return unknownAddress
	}
	return network.String()
}

// Subject makes one subject of several parts. Two are equal only when all their
// parts are, whatever characters stand in them.
func Subject(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "%d:%s", len(part), part)
	}
	return b.String()
}

// key is the key of a rule's counter for subject in the window that begins at
// start: a hash, in hexadecimal.
func key(r Rule, start time.Time, subject string) string {
	hash := sha256.Sum256([]byte(Subject(r.Name, r.Window.String(), start.UTC().Format(time.RFC3339Nano), subject)))
	return hex.EncodeToString(hash[:])
}
