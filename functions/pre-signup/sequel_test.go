package main

import "slices"

// sequels are what may follow a crash.
var sequels = []struct {
	name    string
	crashes int
	tried   bool // Cognito tries again after a crash
	play    func(s *scene, p path, calm string) string
}{
	{"Cognito tries again", 1, true, func(s *scene, p path, calm string) string {
		got := p.attempt(s)
		s.must("the sign-up with its further tries", got, calm)
		return got
	}},
	{"three crashes, lease over", 3, true, func(s *scene, p path, _ string) string {
		p.attempt(s)
		return s.expect(p, signer, true)
	}},
	{"same event again, lease over", 1, false, func(s *scene, p path, calm string) string {
		s.must("the sign-up", p.attempt(s), "crash")
		s.must("the same event again", s.again(), calm)
		return s.expect(p, signer, true)
	}},
	{"again at once", 1, false, sequel(signer, false)},
	{"again, lease over", 1, false, sequel(signer, true)},
	{"stranger at once", 1, false, sequel(stranger, false)},
	{"stranger, lease over", 1, false, sequel(stranger, true)},
}

func sequel(by person, leaseOver bool) func(*scene, path, string) string {
	return func(s *scene, p path, _ string) string {
		s.must("the sign-up", p.attempt(s), "crash")
		return s.expect(p, by, leaseOver)
	}
}

// expect has somebody sign up after a crash, and wants what DESIGN promises.
func (s *scene) expect(p path, by person, leaseOver bool) string {
	s.t.Helper()
	if err := s.crash.disarm(); err != nil {
		s.t.Error(err)
	}
	if leaseOver {
		s.crash.land()
		s.passLease()
	}
	want, got := s.forecast(by), ""
	if by == signer {
		got = p.later(s)
		if p.name == "RESEND" {
			want = []string{"in"}
		}
	} else {
		got = s.signUp(by, nil)
	}
	if !slices.Contains(want, got) {
		s.t.Errorf("%s: %s, want %v", by.name, got, want)
	}
	return got
}

// wantOneInTheEnd holds that a free CPF can be had once the lease is over, and
// another cannot.
func (s *scene) wantOneInTheEnd() {
	s.t.Helper()
	if err := s.crash.disarm(); err != nil {
		s.t.Error(err)
	}
	s.crash, s.faults = nil, false
	s.passLease()
	want := s.forecast(last)
	if got := s.signUp(last, nil); !slices.Contains(want, got) {
		s.t.Errorf("the last to come: %s, want %v", got, want)
	}
	if s.holder() == nobody {
		s.t.Error("nobody has the CPF in the end")
	}
}
