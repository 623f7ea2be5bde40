package reconcile

import "testing"

// TestSeen holds that no CPF is forgotten, and that of twenty thousand none is
// taken for another. The odds against the second are a thousand million to one.
func TestSeen(t *testing.T) {
	const many = 20_000
	s := newSeen()
	for i := range many {
		if c := Number(i); s.has(c) || s.add(c) {
			t.Fatal("a CPF was seen that had not been added")
		}
	}
	for i := range many {
		if c := Number(i); !s.has(c) || !s.add(c) {
			t.Fatal("a CPF was forgotten")
		}
	}
}
