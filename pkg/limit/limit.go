// Package limit counts what may happen only so often, exactly, in one DynamoDB
// table: requests per address, mails per e-mail address, failures per both.
//
// An item of the table is one window of one rule for one subject. Its key is a
// hash, so that neither addresses nor e-mails are stored; it counts its hits and
// is deleted by TTL some time after the window has ended. Windows are fixed and
// the same for everybody: a day's begins at midnight UTC, an hour's on the hour,
// any where time.Truncate puts it.
//
// A place is taken by one conditional write, which DynamoDB carries out one after
// the other for one item: never do more than a rule's limit get through, however
// many come at once. Under several rules a place is taken of each, the shortest
// window first, and where one is full the places taken before are given back.
// With that order a burst is turned away by the shortest window and never even
// touches the longer ones. In the moment between taking and giving back another
// taker can be refused by the shorter rule; it would have been refused by the
// longer one, which is full.
//
// A transaction over all rules would take all places in one step. It was not
// chosen: DynamoDB cancels transactions that meet on one item
// (TransactionConflict), which under a burst, the very thing limits are for,
// turns into retries and refusals that no rule asks for, and costs twice.
//
// Doubt closes: a place that was taken, or may have been, stays taken until its
// window ends when the table does not answer. A write that an SDK repeats after a
// lost answer may take two.
package limit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// DynamoDB is the part of *dynamodb.Client that a Limiter uses. UpdateItem must
// return a *types.ConditionalCheckFailedException when its condition is false.
type DynamoDB interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

var _ DynamoDB = (*dynamodb.Client)(nil)

// Rule lets something happen at most Limit times in each window. The name keeps
// the counters of one rule apart from those of another; two rules that are taken
// together, and limits on different things, must not have the same.
type Rule struct {
	Name   string
	Limit  int           // less than 1 lets nothing through
	Window time.Duration // at least a second
}

// ExceededError says that a rule's limit is reached. It never holds the subject.
type ExceededError struct {
	Rule       Rule
	RetryAfter time.Duration // until the window ends: whole seconds, rounded up, at least one
}

// Error names the rule and how long it will hold.
func (e *ExceededError) Error() string {
	return fmt.Sprintf("limit %s of %d in %v is reached for another %v", e.Rule.Name, e.Rule.Limit, e.Rule.Window, e.RetryAfter)
}

// Limiter counts in a table with the partition key "key", a string. The table's
// TTL attribute should be "expiresAt"; no decision rests on it.
type Limiter struct {
	client DynamoDB
	table  string
}

// New returns a limiter that counts in the table of that name.
func New(client DynamoDB, table string) *Limiter {
	return &Limiter{client: client, table: table}
}

// Take takes a place for subject, at that time, under every rule, and returns
// nil when it got all of them. It returns an *ExceededError when one of the rules
// is full; it then has taken none, and the error is about the rule among the full
// ones whose window ends last. Any other error means that the table did not
// answer, or that a rule has no window: nobody may be let through by it.
//
// A subject is compared byte by byte: e-mail addresses are lower-cased by the
// caller, IP addresses go through AddressKey, several parts through Subject.
func (l *Limiter) Take(ctx context.Context, subject string, at time.Time, rules ...Rule) error {
	windows, err := windowsOf(subject, at, rules)
	if err != nil {
		return err
	}
	for i, w := range windows {
		taken, err := l.take(ctx, w)
		switch {
		case err != nil:
			return err
		case !taken:
			// Whoever cannot give back leaves the places taken: that refuses
			// too much until the windows end, and lets nobody through.
			_ = l.giveBack(ctx, windows[:i])
			full := l.lastFull(ctx, windows[i:])
			return &ExceededError{Rule: full.Rule, RetryAfter: full.retryAfter(at)}
		}
	}
	return nil
}

// GiveBack gives the places back that Take took for subject at the same time
// under the same rules, for rules that limit failures only: a success does not
// count. A counter never goes below zero, and only the windows of that time are
// touched, even when another has begun since. Its error says that the table did
// not answer: places not given back stay taken until their windows end.
//
// Each counter is written once, without the SDK's retries: repeated after a lost
// answer it would give somebody else's place back.
func (l *Limiter) GiveBack(ctx context.Context, subject string, at time.Time, rules ...Rule) error {
	windows, err := windowsOf(subject, at, rules)
	if err != nil {
		return err
	}
	return l.giveBack(ctx, windows)
}

// lastFull gives, of windows that begin with a full one, the full one that ends
// last. Windows that cannot be read count as not full.
func (l *Limiter) lastFull(ctx context.Context, windows []window) window {
	last := windows[0]
	for _, w := range windows[1:] {
		if full, err := l.isFull(ctx, w); err == nil && full && w.end.After(last.end) {
			last = w
		}
	}
	return last
}

// window is one counter: a rule's window that holds some time, for a subject.
type window struct {
	Rule
	key string
	end time.Time
}

// windowsOf gives the windows that hold that time, the shortest first.
func windowsOf(subject string, at time.Time, rules []Rule) ([]window, error) {
	windows := make([]window, 0, len(rules))
	for _, r := range rules {
		if r.Window < time.Second {
			return nil, fmt.Errorf("limit %s: a window of %v is shorter than a second", r.Name, r.Window)
		}
		start := at.Truncate(r.Window)
		windows = append(windows, window{
			Rule: r,
			key:  key(r, start, subject),
			end:  start.Add(r.Window),
		})
	}
	slices.SortStableFunc(windows, func(a, b window) int { return cmp.Compare(a.Window, b.Window) })
	return windows, nil
}

// retryAfter is how long after at w ends, in whole seconds.
func (w window) retryAfter(at time.Time) time.Duration {
	left := w.end.Sub(at)
	if rest := left % time.Second; rest > 0 {
		left += time.Second - rest
	}
	return max(left, time.Second)
}
