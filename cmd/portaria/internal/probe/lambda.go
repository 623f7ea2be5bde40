package probe

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const (
	readyWithin = time.Minute      // from the function's creation until it can be called
	logWithin   = 30 * time.Second // from an invocation until CloudWatch shows its line
	lookEvery   = 2 * time.Second
)

// Lambda is a Function that a probe makes in an AWS account, of the program that
// is running, and removes.
type Lambda struct {
	lambda *lambda.Client
	logs   *cloudwatchlogs.Client
	name   string
}

var _ Trigger = (*Lambda)(nil)

// Install makes the function, with an execution role that may write logs, and
// gives its ARN. Only a Linux program runs on Lambda.
func Install(ctx context.Context, cfg aws.Config, role string) (l *Lambda, functionARN string, err error) {
	if runtime.GOOS != "linux" {
		return nil, "", fmt.Errorf("this is a program for %s, which Lambda does not run: use the one for Linux, in CloudShell for instance", runtime.GOOS)
	}
	program, err := os.Executable()
	if err != nil {
		return nil, "", fmt.Errorf("find this program: %w", err)
	}
	code, err := pack(program)
	if err != nil {
		return nil, "", fmt.Errorf("pack this program: %w", err)
	}
	l = &Lambda{lambda: lambda.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg), name: "portaria-probe-" + strings.ToLower(rand.Text())}
	architecture := types.ArchitectureX8664
	if runtime.GOARCH == "arm64" {
		architecture = types.ArchitectureArm64
	}
	out, err := l.lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: aws.String(l.name), Role: aws.String(role), Code: &types.FunctionCode{ZipFile: code},
		Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"), Architectures: []types.Architecture{architecture},
		MemorySize: aws.Int32(128), Timeout: aws.Int32(30), Description: aws.String("Made by portaria probe; may be removed"),
	})
	if err != nil {
		return nil, "", fmt.Errorf("create the function %s: %w", l.name, err)
	}
	if err := lambda.NewFunctionActiveV2Waiter(l.lambda).Wait(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(l.name)}, readyWithin); err != nil {
		return nil, "", errors.Join(fmt.Errorf("wait for the function %s: %w", l.name, err), l.Remove(ctx))
	}
	return l, aws.ToString(out.FunctionArn), nil
}

// pack gives a zip in which the program is Lambda's bootstrap.
func pack(program string) ([]byte, error) {
	f, err := os.Open(program)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(entry, f); err != nil {
		return nil, err
	}
	return zipped.Bytes(), w.Close()
}

// Allow lets the pool, and no other, call the function.
func (l *Lambda) Allow(ctx context.Context, poolARN string) error {
	_, err := l.lambda.AddPermission(ctx, &lambda.AddPermissionInput{
		FunctionName: aws.String(l.name), StatementId: aws.String("probe"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("cognito-idp.amazonaws.com"), SourceArn: aws.String(poolARN),
	})
	return err
}

// Seen reads the function's log group until it shows that much.
func (l *Lambda) Seen(ctx context.Context, attempt string, atLeast int) ([]Seen, error) {
	for deadline := time.Now().Add(logWithin); ; {
		out, err := l.logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: aws.String(l.group()), FilterPattern: aws.String(`"` + attempt + `"`),
		})
		var lines strings.Builder
		if err == nil {
			for _, e := range out.Events {
				lines.WriteString(strings.TrimSpace(aws.ToString(e.Message)) + "\n")
			}
		}
		found := ReadSeen(lines.String(), attempt)
		switch {
		case len(found) >= atLeast:
			return found, nil
		case time.Now().After(deadline) && err != nil: // the log group comes with the first line
			return nil, fmt.Errorf("read the log group %s: %w", l.group(), err)
		case time.Now().After(deadline):
			return found, nil
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *Lambda) group() string { return "/aws/lambda/" + l.name }

// Remove takes the function and its log away, also when ctx has ended. Its error
// names what must be removed by hand.
func (l *Lambda) Remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	_, err := l.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String(l.name)})
	if err != nil {
		err = fmt.Errorf("delete the function %s, which must be done by hand: %w", l.name, err)
	}
	// There is no log group when the function was never called.
	_, logErr := l.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(l.group())})
	if logErr != nil {
		logErr = fmt.Errorf("delete the log group %s, which must be done by hand if it is there: %w", l.group(), logErr)
	}
	return errors.Join(err, logErr)
}

// LogFile is a Function that stands somewhere already and may be called by
// anybody, and whose log goes to a file: that of a local stack.
type LogFile struct{ Name string }

var _ Trigger = LogFile{}

// Allow does nothing.
func (LogFile) Allow(context.Context, string) error { return nil }

// Seen reads the file as it is.
func (f LogFile) Seen(_ context.Context, attempt string, _ int) ([]Seen, error) {
	log, err := os.ReadFile(f.Name)
	return ReadSeen(string(log), attempt), err
}
