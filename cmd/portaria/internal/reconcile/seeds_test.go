package reconcile_test

import (
	"fmt"
	"time"

	"github.com/pontte/portaria/cmd/portaria/internal/reconcile"
)

// seed is one way in which pool and table can differ, or not.
type seed struct {
	name string
	make func(w *world, p person) []string // gives the users that come into being

	// What is found without --fix, with it, and by another run after that.
	dry, fixed, again []want
	ends              end
}

// want is a finding about the user of that place, or -1: about the claim alone.
type want struct {
	code   reconcile.Code
	result reconcile.Result
	user   int
}

// end is how the claim of a seed's CPF must be once all is mended.
type end int

const (
	ofUser  end = iota // of the seed's first user
	closed             // nobody can claim it
	gone               // there is none
	asItWas            // whatever it was
)

// person is the stuff that a seed is made of.
type person struct {
	i      int
	cpf    string // eleven digits
	marked string // 000.000.000-00
}

func (p person) email(n int) string { return fmt.Sprintf("person-%d-%d@example.com", p.i, n) }

func seedPerson(i int) person {
	c := reconcile.Number(i)
	return person{i: i, cpf: c.Digits(), marked: c.Formatted()}
}

const longAgo = 24 * time.Hour

// seeds are all kinds of them.
var seeds = []seed{
	{name: "sound", ends: asItWas, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, w.claimOf(name, p.email(0), longAgo))
		return []string{name}
	}},
	{name: "sound, claimed a moment ago", ends: asItWas, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, w.claimOf(name, p.email(0), time.Second))
		return []string{name}
	}},
	mended("without a claim", reconcile.UserWithoutClaim, func(w *world, p person) []string {
		return []string{w.create(p.email(0), p.cpf)}
	}),
	{name: "without a CPF", ends: gone, make: func(w *world, p person) []string { return []string{w.create(p.email(0), "")} },
		dry: open(reconcile.UserWithoutCPF), fixed: open(reconcile.UserWithoutCPF), again: open(reconcile.UserWithoutCPF)},
	{name: "with no valid CPF", ends: gone, make: func(w *world, p person) []string {
		return []string{w.create(p.email(0), p.cpf[:10]+string('0'+(p.cpf[10]-'0'+1)%10))}
	}, dry: open(reconcile.UserCPFInvalid), fixed: open(reconcile.UserCPFInvalid), again: open(reconcile.UserCPFInvalid)},
	{name: "with a punctuated CPF", ends: asItWas, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.marked)
		w.put(p.cpf, w.claimOf(name, p.email(0), longAgo))
		return []string{name}
	}, dry: punctuated, fixed: punctuated, again: punctuated},
	{name: "with a punctuated CPF and no claim", ends: ofUser, make: func(w *world, p person) []string {
		return []string{w.create(p.email(0), p.marked)}
	}, dry: append(one(reconcile.UserWithoutClaim, reconcile.Mendable), punctuated...),
		fixed: append(one(reconcile.UserWithoutClaim, reconcile.Mended), punctuated...), again: punctuated},

	shared("two, no claim", func(*world, person, []string) {}),
	shared("two, claimed by one", func(w *world, p person, names []string) {
		w.put(p.cpf, w.claimOf(names[1], p.email(1), longAgo))
	}),
	shared("two, claimed by nobody who exists", func(w *world, p person, _ []string) {
		w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo))
	}),
	shared("two, claim of the old function", func(w *world, p person, _ []string) { w.put(p.cpf, oldItem()) }),

	mended("claim of nobody who exists", reconcile.ClaimWrongOwner, func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, w.claimOf("nobody", p.email(9), longAgo))
		return []string{name}
	}),
	{name: "claim of a sign-up under way", ends: asItWas, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, w.claimOf("nobody-yet", p.email(9), lease-time.Millisecond))
		return []string{name}
	}, dry: one(reconcile.ClaimWrongOwner, reconcile.Later), fixed: one(reconcile.ClaimWrongOwner, reconcile.Later),
		again: one(reconcile.ClaimWrongOwner, reconcile.Later)},
	mended("claim by the e-mail", reconcile.ClaimOtherName, func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, w.claimOf(p.email(0), p.email(0), longAgo))
		return []string{name}
	}),
	{name: "claim of another pool", ends: asItWas, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		claim := w.claimOf(name, p.email(0), longAgo)
		claim["userPoolId"] = text("us-east-1_another")
		w.put(p.cpf, claim)
		return []string{name}
	}, dry: open(reconcile.ClaimOtherPool), fixed: open(reconcile.ClaimOtherPool), again: open(reconcile.ClaimOtherPool)},
	{name: "claim of another pool, no user here", ends: asItWas, make: func(w *world, p person) []string {
		claim := w.claimOf("their-user", p.email(0), longAgo)
		claim["userPoolId"] = text("us-east-1_another")
		w.put(p.cpf, claim)
		return nil
	}},
	mended("claim of the old function", reconcile.ClaimOld, func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, oldItem())
		return []string{name}
	}),
	removed("claim of the old function, no user", reconcile.ClaimOldOrphan, func(w *world, p person) { w.put(p.cpf, oldItem()) }),
	removed("claim of the old function, marks in the key, no user", reconcile.ClaimOldOrphan, func(w *world, p person) { w.put(p.marked, oldItem()) }),
	removed("claim that cannot be read, no user", reconcile.ClaimOldOrphan, func(w *world, p person) {
		claim := w.claimOf("nobody", p.email(9), longAgo)
		claim["userName"] = millis(w.now())
		w.put(p.cpf, claim)
	}),
	removed("orphan", reconcile.ClaimOrphan, func(w *world, p person) { w.put(p.cpf, w.claimOf("nobody", p.email(9), lease)) }),
	{name: "claim in its lease", ends: asItWas, make: func(w *world, p person) []string {
		w.put(p.cpf, w.claimOf("nobody-yet", p.email(9), lease-time.Millisecond))
		return nil
	}, dry: inLease, fixed: inLease, again: inLease},
	{name: "marks in the key", ends: ofUser, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.marked, oldItem())
		return []string{name}
	}, dry: []want{{reconcile.ClaimKeyPunctuated, reconcile.Mendable, -1}, {reconcile.UserWithoutClaim, reconcile.Mendable, 0}},
		fixed: []want{{reconcile.ClaimKeyPunctuated, reconcile.Mended, -1}, {reconcile.ClaimOld, reconcile.Mended, 0}}},
	{name: "marks in the key, beside a sound claim", ends: ofUser, make: func(w *world, p person) []string {
		name := w.create(p.email(0), p.cpf)
		w.put(p.cpf, w.claimOf(name, p.email(0), longAgo))
		w.put(p.marked, oldItem())
		return []string{name}
	}, dry: []want{{reconcile.ClaimKeyPunctuated, reconcile.Mendable, -1}}, fixed: []want{{reconcile.ClaimKeyPunctuated, reconcile.Mended, -1}}},
	{name: "a key that is no CPF", ends: asItWas, make: func(w *world, p person) []string {
		w.put("x"+p.cpf, oldItem())
		return nil
	}, dry: keyInvalid, fixed: keyInvalid, again: keyInvalid},
}

var (
	punctuated = one(reconcile.UserCPFPunctuated, reconcile.Note)
	inLease    = []want{{reconcile.ClaimInLease, reconcile.Note, -1}}
	keyInvalid = []want{{reconcile.ClaimKeyInvalid, reconcile.Open, -1}}
)

// oldItem is what the old function wrote.
func oldItem() item {
	return item{"trackCode": text("kept"), "loanValue": text("123123"), "term": text("180")}
}

func one(code reconcile.Code, result reconcile.Result) []want { return []want{{code, result, 0}} }
func open(code reconcile.Code) []want                         { return one(code, reconcile.Open) }

func mended(name string, code reconcile.Code, make func(*world, person) []string) seed {
	return seed{name: name, make: make, dry: one(code, reconcile.Mendable), fixed: one(code, reconcile.Mended), ends: ofUser}
}

func removed(name string, code reconcile.Code, make func(*world, person)) seed {
	return seed{
		name: name, make: func(w *world, p person) []string { make(w, p); return nil },
		dry: []want{{code, reconcile.Mendable, -1}}, fixed: []want{{code, reconcile.Mended, -1}}, ends: gone,
	}
}

func shared(name string, claim func(*world, person, []string)) seed {
	both := []want{{reconcile.CPFShared, reconcile.Open, 0}, {reconcile.CPFShared, reconcile.Open, 1}}
	return seed{
		name: name, make: func(w *world, p person) []string {
			names := []string{w.create(p.email(0), p.cpf), w.create(p.email(1), p.marked)}
			claim(w, p, names)
			return names
		},
		dry: append(both[:2:2], want{reconcile.UserCPFPunctuated, reconcile.Note, 1}), fixed: append(both[:2:2], want{reconcile.UserCPFPunctuated, reconcile.Note, 1}),
		again: append(both[:2:2], want{reconcile.UserCPFPunctuated, reconcile.Note, 1}), ends: closed,
	}
}
