package main_test

import "testing"

// TestFirstInvocationFindsItsConnection holds that the binary is connected to
// DynamoDB before it asks for work, and that its first sign-up needs no other
// connection.
func TestFirstInvocationFindsItsConnection(t *testing.T) {
	w := newWiretap(t)
	if answer := w.send(work{name: "a sign-up", event: event(ana, nil)}); answer != "" {
		t.Fatalf("answer %q, want the event", answer)
	}
	if made, hellos := w.aws.connections.Load(), w.aws.hellos.Load(); made != 1 || hellos != 1 {
		t.Errorf("%d connections, and %d requests for one, want 1 and 1", made, hellos)
	}
	w.end()
}
