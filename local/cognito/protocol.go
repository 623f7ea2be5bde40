package cognito

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	targetPrefix = "AWSCognitoIdentityProviderService."
	contentType  = "application/x-amz-json-1.1"
	maxBody      = 1 << 20 // bytes of one request
)

// operation answers one operation: the body of the request in, what becomes
// the body of the answer out.
type operation func(ctx context.Context, body []byte) (any, error)

// serve makes an operation of a method that takes the decoded request.
func serve[In, Out any](method func(context.Context, *In) (Out, error)) operation {
	return func(ctx context.Context, body []byte) (any, error) {
		in := new(In)
		if err := decode(body, in); err != nil {
			return nil, err
		}
		return method(ctx, in)
	}
}

// ServeHTTP answers one call of Cognito's API: POST / with the operation in
// X-Amz-Target. A refused call is HTTP 400 with the exception's name in __type
// and in the header x-amzn-ErrorType, our own fault is HTTP 500.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := s.random.uuid()
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("x-amzn-RequestId", id)
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this is a local Cognito endpoint: only POST is answered", http.StatusMethodNotAllowed)
		return
	}
	out, err := s.answer(r)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Service) answer(r *http.Request) (any, error) {
	name, isOurs := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	op, known := s.operations[name]
	if !isOurs || !known {
		return nil, refuse(unknownOperation, "The local user pool does not support the operation %q.", name)
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != contentType {
		return nil, refuse(serialization, "The Content-Type of a request must be %s.", contentType)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refuse(serialization, "The request is larger than %d bytes.", maxBody)
	}
	if err != nil {
		return nil, refuse(serialization, "The request ended early.")
	}
	// A client that hangs up stops nothing: Cognito ends what it began.
	ctx := context.WithoutCancel(r.Context())
	return op(context.WithValue(ctx, agentKey{}, r.UserAgent()), body)
}

// agentKey is the context key of the caller's User-Agent.
type agentKey struct{}

// sdkVersion names the caller's SDK as trigger events do.
func sdkVersion(ctx context.Context) string {
	agent, _ := ctx.Value(agentKey{}).(string)
	product, _, _ := strings.Cut(agent, " ")
	name, version, ok := strings.Cut(product, "/")
	if !ok || !strings.HasPrefix(name, "aws-sdk-") {
		return "aws-sdk-unknown-unknown"
	}
	return name + "-" + version
}

func writeError(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	e, ok := errors.AsType[*exception](err)
	if !ok {
		status = http.StatusInternalServerError
		e = &exception{name: internalError, message: err.Error()}
	}
	w.Header().Set("x-amzn-ErrorType", e.name)
	writeJSON(w, status, map[string]string{"__type": e.name, "message": e.message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "encode answer: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
