package cognito

import "time"

// session is the wait between a challenge and its answer. It can be answered
// once: the answer takes the user out of the status that it needs.
type session struct {
	client  *client
	user    *user
	expires time.Time
}

// sessions holds the sessions by their tokens until they expire.
type sessions struct {
	live    map[string]*session
	sweepAt int // size at which to look for expired ones again
}

// openSession returns the token of a new session. The lock is held.
func (s *Service) openSession(c *client, u *user) (string, error) {
	token, err := s.random.token(96)
	if err != nil {
		return "", err
	}
	now := s.config.Now()
	if len(s.sessions.live) >= s.sessions.sweepAt {
		for token, old := range s.sessions.live {
			if !now.Before(old.expires) {
				delete(s.sessions.live, token)
			}
		}
		s.sessions.sweepAt = 2*len(s.sessions.live) + 1024
	}
	validity := time.Duration(c.AuthSessionValidity) * time.Minute
	s.sessions.live[token] = &session{client: c, user: u, expires: now.Add(validity)}
	return token, nil
}

// challenged returns the user who was given that session by that client, and
// whom name stands for. The lock is held.
func (s *Service) challenged(token sessionToken, c *client, p *pool, name string) (*user, error) {
	open := s.sessions.live[string(token)]
	switch {
	case open == nil || open.client != c || p.find(name) != open.user:
		return nil, refuse(notAuthorized, "Invalid session for the user.")
	case open.user.status != forceChangePassword:
		return nil, refuse(notAuthorized, "Invalid session for the user, session can only be used once.")
	case !s.config.Now().Before(open.expires):
		return nil, refuse(notAuthorized, "Invalid session for the user, session is expired.")
	}
	return open.user, nil
}
