package measure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/peer"
)

// process is a program that runs behind a Runtime API of its own.
type process struct {
	runtime *fake.Runtime
	cmd     *exec.Cmd
	began   time.Time // just before it was started
	stderr  bytes.Buffer
	started chan struct{} // closed when cmd has its process
	exited  chan struct{}
}

// start starts p, which finds the bench's AWS through env. before is as in
// fake.StartRuntime, or nil, and may ask for the process's figures. What the
// process prints goes to out, or nowhere.
func start(ctx context.Context, p peer.Program, env []string, events [][]byte, out io.Writer, before func(*process, int)) (*process, error) {
	pr := &process{started: make(chan struct{}), exited: make(chan struct{})}
	runtime, err := fake.StartRuntime(events, func(i int) {
		<-pr.started // a quick process can ask before we know that it runs
		if before != nil {
			before(pr, i)
		}
	})
	if err != nil {
		return nil, err
	}
	pr.runtime = runtime
	pr.cmd = exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	pr.cmd.Dir = filepath.Dir(p.Command[0])
	pr.cmd.Env = append(append(environ(p.Command[0], runtime.Address), env...), p.Env...)
	pr.cmd.Stdout, pr.cmd.Stderr = out, &pr.stderr
	pr.began = time.Now()
	if err := pr.cmd.Start(); err != nil {
		runtime.Close()
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	close(pr.started)
	go func() {
		pr.cmd.Wait() // how it ended is told by its words
		close(pr.exited)
	}()
	return pr, nil
}

// environ is what Lambda sets.
func environ(program, runtimeAPI string) []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + runtimeAPI,
		"AWS_REGION=" + fake.Region, "AWS_DEFAULT_REGION=" + fake.Region,
		"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "AWS_SESSION_TOKEN=bench",
		// So that no SDK looks for anything on this machine or in its network.
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_LAMBDA_FUNCTION_NAME=bench", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/bench", "AWS_LAMBDA_LOG_STREAM_NAME=bench",
		"LAMBDA_TASK_ROOT=" + filepath.Dir(program), "LAMBDA_RUNTIME_DIR=" + filepath.Dir(program),
		"LANG=en_US.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin", "TZ=:UTC", "_HANDLER=" + filepath.Base(program),
	}
}

// wait waits until all events are answered, and gives what came of them.
func (p *process) wait(ctx context.Context) (calls []fake.Call, asked time.Time, err error) {
	select {
	case <-p.runtime.Done:
	case <-p.exited:
		err = fmt.Errorf("the process ended early: %v", p.cmd.ProcessState)
	case <-ctx.Done():
		err = fmt.Errorf("the process did not get done: %w", context.Cause(ctx))
	}
	calls, asked, wrong := p.runtime.Calls()
	if err == nil {
		err = wrong
	}
	if err != nil {
		p.stop() // then its words are all there
		err = fmt.Errorf("%w\n%s", err, strings.TrimSpace(p.stderr.String()))
	}
	return calls, asked, err
}

// stop ends the process, and returns when it is gone.
func (p *process) stop() {
	p.cmd.Process.Kill()
	p.runtime.Close()
	<-p.exited
}
