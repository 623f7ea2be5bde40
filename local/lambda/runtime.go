package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// What Lambda assumes where the template says nothing, and what its customers
// cannot change.
const (
	defaultTimeout     = 5 * time.Second
	defaultInitTimeout = 10 * time.Second
	defaultConcurrency = 10
	defaultMemoryMB    = 128
	defaultRegion      = "us-east-1"
	account            = "000000000000"
)

// ErrClosed is returned by Invoke once the Runtime was closed, or the context
// it was started with has ended.
var ErrClosed = errors.New("lambda: the runtime is closed")

// Config says which function to run, and how. Only Binary is required.
type Config struct {
	Binary         string            // path of the function's bootstrap
	Name           string            // function name; default: the binary's
	Env            map[string]string // added to Lambda's own variables
	ARN            string            // default: of Name, in a made-up account
	Region         string            // default us-east-1
	MemoryMB       int               // told to the function, not enforced; default 128
	Timeout        time.Duration     // of one invocation; default 5 s
	InitTimeout    time.Duration     // from start to the first request for work; default 10 s
	MaxConcurrency int               // processes at a time; default 10
	Log            io.Writer         // gets the function's output, line by line; default none
}

// Runtime is a function as Lambda runs it. A process serves one invocation at a
// time: simultaneous invocations start more processes, up to the limit, and idle
// processes are used again. Beyond the limit an invocation waits for a process
// for as long as its caller does; Lambda would refuse it as throttled, and
// Cognito would try again.
type Runtime struct {
	cfg   Config
	log   *log
	ctx   context.Context // ends with the Runtime
	end   context.CancelFunc
	slots chan struct{}
	once  sync.Once
	// unhook takes Close away from the end of the context given to Start.
	unhook func() bool

	mu     sync.Mutex
	closed bool
	idle   []*sandbox // the one used last is at the end
	work   sync.WaitGroup
}

var _ Function = (*Runtime)(nil)

// Start makes the function ready to be invoked. Its first process starts with
// the first invocation, so a function that cannot start is an error of Invoke,
// as on Lambda; only a binary that is missing or not executable is an error
// here. The end of ctx closes the Runtime; Close is what waits for it.
func Start(ctx context.Context, cfg Config) (*Runtime, error) {
	binary, err := filepath.Abs(cfg.Binary)
	if err != nil {
		return nil, fmt.Errorf("function binary: %w", err)
	}
	switch info, err := os.Stat(binary); {
	case err != nil:
		return nil, fmt.Errorf("function binary: %w", err)
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return nil, fmt.Errorf("function binary: %s is not an executable file", binary)
	}
	cfg.Binary = binary
	if cfg.Name == "" {
		cfg.Name = filepath.Base(binary)
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	if cfg.ARN == "" {
		cfg.ARN = fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", cfg.Region, account, cfg.Name)
	}
	if cfg.MemoryMB == 0 {
		cfg.MemoryMB = defaultMemoryMB
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.InitTimeout == 0 {
		cfg.InitTimeout = defaultInitTimeout
	}
	if cfg.MaxConcurrency == 0 {
		cfg.MaxConcurrency = defaultConcurrency
	}
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	r := &Runtime{cfg: cfg, log: &log{w: cfg.Log}, slots: make(chan struct{}, cfg.MaxConcurrency)}
	r.ctx, r.end = context.WithCancel(ctx)
	r.unhook = context.AfterFunc(ctx, r.Close)
	return r, nil
}

// Invoke hands payload to an idle process, or to a new one. When it returns an
// answer, Config.Log has what the function wrote before it answered. Errors: a
// *FunctionError; ctx.Err() when ctx ended first, then the invocation goes on,
// its answer is discarded and its process is used again; ErrClosed.
func (r *Runtime) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.ctx.Done():
		return nil, ErrClosed
	}
	answers := make(chan answer, 1) // so that a late answer finds a place
	if !r.begin(func() { r.serve(payload, answers) }) {
		<-r.slots
		return nil, ErrClosed
	}
	select {
	case a := <-answers:
		return a.payload, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin runs f beside the caller, unless the Runtime is closed; Close waits for f.
func (r *Runtime) begin(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.work.Go(f)
	return true
}

// serve has one invocation answered, and keeps its process when that can be used
// again. It ends when the process asks for more work, not with the answer; so
// does Lambda's time limit.
func (r *Runtime) serve(payload []byte, answers chan<- answer) {
	defer func() { <-r.slots }()
	reply := func(a answer) {
		select {
		case answers <- a:
		default: // it has its answer
		}
	}
	inv := newInvocation(r.cfg, payload)
	s, err := r.sandbox(inv.id)
	if err != nil {
		reply(answer{err: err})
		return
	}
	a, good := s.invoke(inv, reply)
	s.output.settle()
	if good {
		r.keep(s)
	}
	reply(a)
	if !good {
		s.stop()
	}
}

// sandbox gives the idle one that was used last, or starts one.
func (r *Runtime) sandbox(id string) (*sandbox, error) {
	for {
		s := r.takeIdle()
		if s == nil {
			return startSandbox(r.ctx, r.cfg, r.log, id)
		}
		if s.alive() {
			return s, nil
		}
		s.stop()
	}
}

func (r *Runtime) takeIdle() *sandbox {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.idle) == 0 {
		return nil
	}
	s := r.idle[len(r.idle)-1]
	r.idle = r.idle[:len(r.idle)-1]
	return s
}

func (r *Runtime) keep(s *sandbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, s)
}

// Close ends every process, with SIGTERM and soon after with SIGKILL, and
// returns when all are gone. Invocations under way end with ErrClosed. It may be
// called more than once.
func (r *Runtime) Close() { r.once.Do(r.close) }

func (r *Runtime) close() {
	r.unhook()
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.end()
	var stops sync.WaitGroup
	for s := r.takeIdle(); s != nil; s = r.takeIdle() {
		stops.Go(s.stop)
	}
	r.work.Wait() // from here on nothing becomes idle
	for s := r.takeIdle(); s != nil; s = r.takeIdle() {
		stops.Go(s.stop)
	}
	stops.Wait()
}
