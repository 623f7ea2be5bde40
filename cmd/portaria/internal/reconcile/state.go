package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// phase is a part of a run.
type phase string

// The phases, in their order. Each begins with a census where it needs one.
const (
	claimsPhase phase = "claims" // every claim
	usersPhase  phase = "users"  // every user
	sweepPhase  phase = "sweep"  // old claims that were stamped, once more
	donePhase   phase = "done"
)

// State is how far a run has come: what a State file holds.
type State struct {
	PoolID string `json:"userPoolId"`
	Table  string `json:"table"`
	Fix    bool   `json:"fix"`

	Phase phase  `json:"phase"`
	Next  string `json:"next,omitempty"` // where the phase goes on: a key or a pagination token

	Stamped time.Time `json:"stamped,omitzero"` // the youngest claimedAt of an old claim that the sweep must outwait
	Summary Summary   `json:"summary"`
}

// Summary counts what was seen and found.
type Summary struct {
	Users     int                     `json:"users"`
	Claims    int                     `json:"claims"`
	Elsewhere int                     `json:"claimsOfOtherPools"`
	Findings  map[Code]map[Result]int `json:"findings"`
}

// Count is how many findings of that code had one of the results, or any when
// none is named.
func (s Summary) Count(code Code, results ...Result) int {
	n := 0
	for result, count := range s.Findings[code] {
		if len(results) == 0 {
			n += count
		}
		for _, r := range results {
			if r == result {
				n += count
			}
		}
	}
	return n
}

// Remaining is how many findings somebody should look at still.
func (s Summary) Remaining() int {
	n := 0
	for code := range s.Findings {
		n += s.Count(code, Mendable, Later, Open)
	}
	return n
}

// clone is s, with counts of its own.
func (s Summary) clone() Summary {
	findings := make(map[Code]map[Result]int, len(s.Findings))
	for code, counts := range s.Findings {
		findings[code] = maps.Clone(counts)
	}
	s.Findings = findings
	return s
}

func (s *Summary) add(f Finding) {
	if s.Findings[f.Code] == nil {
		s.Findings[f.Code] = map[Result]int{}
	}
	s.Findings[f.Code][f.Result]++
}

// Begin is the state of a run that begins.
func Begin(poolID, table string, fix bool) State {
	return State{PoolID: poolID, Table: table, Fix: fix, Phase: claimsPhase}
}

// Load reads the state file at path, for a run of that pool and table, mending
// or not. A file that is missing is a run that begins. The error says what to do
// when the file is none, or another run's.
func Load(path, poolID, table string, fix bool) (State, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Begin(poolID, table, fix), nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read the state: %w", err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		return State{}, fmt.Errorf("%s is no state of a reconciliation (%w): name another file, or remove it to begin anew", path, err)
	}
	if s.PoolID != poolID || s.Table != table || s.Fix != fix {
		return State{}, fmt.Errorf("%s is the state of another run, of pool %s and table %s with fix=%t: name another file, or remove it to begin anew",
			path, s.PoolID, s.Table, s.Fix)
	}
	switch s.Phase {
	case claimsPhase, usersPhase, sweepPhase, donePhase:
		return s, nil
	}
	return State{}, fmt.Errorf("%s is in a phase that this version does not know, %q: remove it to begin anew", path, s.Phase)
}

// Save writes s to path, in one step: whoever reads path finds the state before
// or this one, whole, whenever the process ends. Only the file's owner may read
// it: the place where a run goes on can be a CPF.
func (s State) Save(path string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("save the state: %w", err)
	}
	return nil
}
