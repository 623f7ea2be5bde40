package local_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/lambda"
)

func TestAddressThatIsNotLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:9229", "example.com:9229", "10.0.0.1:0"} {
		for name, cfg := range everywhere(addr) {
			t.Run(name+" "+addr, func(t *testing.T) {
				want := name + ": " + addr + " is not a loopback address, and nobody is asked for a password here; choose another with --" +
					name + "-addr or PORTARIA_" + strings.ToUpper(name) + "_ADDR"
				refused(t, cfg, want)
			})
		}
	}
}

func TestAddressInUse(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	addr := other.Addr().String()
	for name, cfg := range everywhere(addr) {
		t.Run(name, func(t *testing.T) {
			refused(t, cfg, name+": "+addr+" is in use; choose another with --"+name+"-addr or PORTARIA_"+strings.ToUpper(name)+"_ADDR")
		})
	}
}

func TestAddressThatIsNone(t *testing.T) {
	refused(t, local.Config{WebAddr: "8080"}, "web: address 8080: missing port in address; choose another with --web-addr or PORTARIA_WEB_ADDR")
}

func TestAddressesThatAreLoopback(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "127.0.0.2:0", "localhost:0"} {
		t.Run(addr, func(t *testing.T) { start(t, local.Config{CognitoAddr: addr, DynamoDBAddr: addr, WebAddr: addr}) })
	}
}

func TestNoFunction(t *testing.T) {
	stack, err := local.Start(t.Context(), local.Config{})
	if err == nil {
		stack.Close()
		t.Error("Start without a function = nil, want an error")
	}
}

func TestNoBinary(t *testing.T) {
	stack, err := local.Start(t.Context(), local.Config{Binary: "/nowhere/bootstrap"})
	if err == nil {
		stack.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "/nowhere/bootstrap") {
		t.Errorf("Start = %v, want an error naming the file", err)
	}
}

// everywhere gives addr to each part of the stack in turn.
func everywhere(addr string) map[string]local.Config {
	return map[string]local.Config{
		"cognito":  {CognitoAddr: addr},
		"dynamodb": {DynamoDBAddr: addr},
		"web":      {WebAddr: addr},
	}
}

func refused(t *testing.T, cfg local.Config, want string) {
	t.Helper()
	cfg.Function = lambda.Func(func(context.Context, []byte) ([]byte, error) { return nil, nil })
	stack, err := local.Start(t.Context(), cfg)
	if err == nil {
		stack.Close()
		t.Fatalf("Start = nil, want %s", want)
	}
	if err.Error() != want {
		t.Errorf("Start = %v, want %s", err, want)
	}
}
