package reconcile

import (
	"hash/maphash"

	"github.com/pontte/portaria/pkg/cpf"
)

// seen remembers CPFs in the same 16 MiB, however many: a Bloom filter. It never
// forgets one; that it takes one for seen that was not happens, of ten million
// seen, once in 200, of one million once in a million. The hash is another in
// each run.
type seen struct {
	seed maphash.Seed
	bits []uint64
}

const (
	seenBits   = 1 << 27
	seenHashes = 4
)

func newSeen() *seen { return &seen{seed: maphash.MakeSeed(), bits: make([]uint64, seenBits/64)} }

// add remembers c and reports whether it had been seen before.
func (s *seen) add(c cpf.CPF) bool {
	before := true
	for i := range seenHashes {
		word, bit := s.place(c, i)
		before = before && s.bits[word]&bit != 0
		s.bits[word] |= bit
	}
	return before
}

func (s *seen) has(c cpf.CPF) bool {
	for i := range seenHashes {
		if word, bit := s.place(c, i); s.bits[word]&bit == 0 {
			return false
		}
	}
	return true
}

// place gives the i-th bit of c: two hashes make the others.
// Kirsch and Mitzenmacher, Less Hashing, Same Performance (2008).
func (s *seen) place(c cpf.CPF, i int) (word int, bit uint64) {
	h := maphash.Comparable(s.seed, c)
	n := (uint32(h) + uint32(i)*(uint32(h>>32)|1)) % seenBits
	return int(n / 64), 1 << (n % 64)
}
