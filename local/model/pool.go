package model

// duplicate reports whether Cognito would find that a's user name, or its e-mail
// where that must be unique, is another user's.
func (w *world) duplicate(s *state, a *actor) bool {
	if w.sameName(s, a) {
		return true
	}
	if w.Pools == PlainNames {
		return false
	}
	for i := range w.Calls {
		u := s.calls[i].user
		if a.sameMail.has(i) && u == alive || a.movedTo.has(i) && u == movedAway {
			return true
		}
	}
	return false
}

func (w *world) sameName(s *state, a *actor) bool {
	for i := range w.Calls {
		if a.sameName.has(i) && s.exists(i) {
			return true
		}
	}
	return false
}

// taken reports whether a's user cannot be created now. User names are unique
// whatever happens at once; e-mails need not be.
func (w *world) taken(s *state, a *actor) bool {
	return w.sameName(s, a) || w.SafeEmails && w.duplicate(s, a)
}

// answersOf gives what Cognito may answer to a find. Where e-mails have come to
// be more than one user's, it may find any of them.
func (w *world) answersOf(s *state, q *request) []answer {
	for i := range w.Calls {
		if q.named.has(i) && s.exists(i) {
			return []answer{w.describe(i)}
		}
	}
	var answers []answer
	for i := range w.Calls {
		u := s.calls[i].user
		if q.mailed.has(i) && u == alive || q.moved.has(i) && u == movedAway {
			answers = append(answers, w.describe(i))
		}
	}
	if len(answers) == 0 {
		answers = []answer{nobody}
	}
	return answers
}

func (w *world) describe(i int) answer {
	if a := w.actors[i]; a.hasCPF() {
		return user | answer(a.CPF+1)
	}
	return user
}

// ownerless reports whether no user lives who came into being by the claim.
func (w *world) ownerless(s *state, id itemID) bool {
	for i := range w.Calls {
		if w.claims[id].owners.has(i) && s.exists(i) {
			return false
		}
	}
	return true
}
