package lambda

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// killDelay is what a process gets between SIGTERM and SIGKILL.
	killDelay = 500 * time.Millisecond
	// askDelay is how long an answer is held until the process asks for more
	// work, which it does at once: so that whoever has the answer finds the
	// process idle.
	askDelay = 50 * time.Millisecond
)

// sandbox is one process of the function and the Runtime API it talks to.
type sandbox struct {
	ctx    context.Context // the Runtime's
	cfg    Config
	cmd    *exec.Cmd
	api    *api
	server *http.Server
	output *output
	exited chan struct{} // closed when the process is gone
}

// startSandbox starts a process and waits until it asks for work. id is that of
// the invocation that needs it.
func startSandbox(ctx context.Context, cfg Config, log *log, id string) (*sandbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	output, stdout, err := newOutput(log)
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("function output: %w", err)
	}
	s := &sandbox{ctx: ctx, cfg: cfg, api: newAPI(), output: output, exited: make(chan struct{})}
	s.server = &http.Server{Handler: s.api}

	s.cmd = exec.Command(cfg.Binary)
	s.cmd.Dir = filepath.Dir(cfg.Binary)
	s.cmd.Env = environ(cfg, listener.Addr().String())
	s.cmd.Stdout, s.cmd.Stderr = stdout, stdout // one pipe, so that the order is kept
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = s.cmd.Start()
	stdout.Close()
	if err != nil {
		listener.Close()
		output.close()
		log.line(fmt.Sprintf("%s did not start: %v", cfg.Name, err))
		return nil, &FunctionError{"Runtime.InvalidEntrypoint", fmt.Sprintf("RequestId: %s Error: %v", id, err)}
	}
	go s.server.Serve(listener) // until stop
	go func() {
		s.cmd.Wait() // how it ended stands in ProcessState
		s.signal(syscall.SIGKILL)
		s.output.close()
		close(s.exited)
	}()
	if err := s.init(id); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// init waits for the first request for work. Lambda would try a second process
// before it answers; we do not, so that each failure is seen once.
func (s *sandbox) init(id string) error {
	limit := time.NewTimer(s.cfg.InitTimeout)
	defer limit.Stop()
	var failed *FunctionError
	select {
	case <-s.api.ready:
		return nil
	case failed = <-s.api.initFailed:
	case <-s.exited:
		select {
		case failed = <-s.api.initFailed: // it said why before it went
		default:
			failed = s.exitError(id)
		}
	case <-limit.C:
		failed = timedOut(id, s.cfg.InitTimeout)
	case <-s.ctx.Done():
		return ErrClosed
	}
	s.output.log.line(fmt.Sprintf("%s did not start, its own words are above: %s", s.cfg.Name, failed.Message))
	return failed
}

// invoke has the process answer inv and then ask for work again. It returns when
// that has happened, or the process cannot be used again, which good says. An
// answer that is there askDelay earlier goes to early at once.
func (s *sandbox) invoke(inv *invocation, early func(answer)) (a answer, good bool) {
	limit := time.NewTimer(inv.timeout)
	defer limit.Stop()
	inv.deadline = time.Now().Add(inv.timeout)
	s.api.offer(inv)

	select {
	case a = <-s.api.answers:
	case <-s.api.ready:
		return s.answerOr(&FunctionError{"Runtime.NoResponse", "RequestId: " + inv.id + " Error: the function asked for work without having answered"}), true
	case <-s.exited:
		return s.answerOr(s.exitError(inv.id)), false
	case <-limit.C:
		s.signal(syscall.SIGKILL)
		return s.answerOr(timedOut(inv.id, inv.timeout)), false
	case <-s.ctx.Done():
		return s.answerOr(ErrClosed), false
	}

	delay := time.AfterFunc(askDelay, func() { early(a) })
	defer delay.Stop()
	select {
	case <-s.api.ready:
		return a, true
	case <-s.exited:
	case <-limit.C:
		s.signal(syscall.SIGKILL)
	case <-s.ctx.Done():
	}
	return a, false
}

// answerOr is the answer that came before whatever else happened, or else err.
func (s *sandbox) answerOr(err error) answer {
	select {
	case a := <-s.api.answers:
		return a
	default:
		return answer{err: err}
	}
}

func (s *sandbox) exitError(id string) *FunctionError {
	how := "Runtime exited without providing a reason"
	if !s.cmd.ProcessState.Success() {
		how = "Runtime exited with error: " + s.cmd.ProcessState.String()
	}
	return &FunctionError{"Runtime.ExitError", "RequestId: " + id + " Error: " + how}
}

func timedOut(id string, after time.Duration) *FunctionError {
	return &FunctionError{"Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, after.Seconds())}
}

func (s *sandbox) alive() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// stop ends the process and its children, and the Runtime API, and returns when
// they are gone.
func (s *sandbox) stop() {
	if s.alive() {
		s.signal(syscall.SIGTERM)
	}
	delay := time.NewTimer(killDelay)
	defer delay.Stop()
	select {
	case <-s.exited:
	case <-delay.C:
		s.signal(syscall.SIGKILL)
		<-s.exited
	}
	s.server.Close()
}

// signal goes to the whole process group. That it is gone already is no error.
func (s *sandbox) signal(sig syscall.Signal) { syscall.Kill(-s.cmd.Process.Pid, sig) }
