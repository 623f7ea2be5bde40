package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Code names a problem for programs. Its values are stable; each has its page in
// docs/problems.md.
type Code string

// The codes.
const (
	MalformedRequest   Code = "malformed_request"
	UnsupportedMedia   Code = "unsupported_media_type"
	TooLarge           Code = "too_large"
	NotFound           Code = "not_found"
	MethodNotAllowed   Code = "method_not_allowed"
	InvalidFields      Code = "invalid_fields"
	CPFTaken           Code = "cpf_taken"
	EmailTaken         Code = "email_taken"
	SignupInProgress   Code = "signup_in_progress"
	UserNotFound       Code = "user_not_found"
	AlreadyConfirmed   Code = "already_confirmed"
	InvalidCredentials Code = "invalid_credentials"
	WeakPassword       Code = "weak_password"
	SignInElsewhere    Code = "sign_in_elsewhere"
	CrossSite          Code = "cross_site"
	TooManyRequests    Code = "too_many_requests"
	Unavailable        Code = "unavailable"
)

// kind is what is the same for all problems of one code.
type kind struct {
	status int
	title  string // for whoever reads a log or a console
	detail string // for the person, in Portuguese
}

// kindOf gives the kind of a code.
func kindOf(c Code) kind {
	switch c {
	case MalformedRequest:
		return kind{http.StatusBadRequest, "Malformed request", "O corpo da requisição não é o objeto JSON que esta rota espera."}
	case UnsupportedMedia:
		return kind{http.StatusUnsupportedMediaType, "Unsupported media type", "Envie o corpo como application/json."}
	case TooLarge:
		return kind{http.StatusRequestEntityTooLarge, "Request too large", "O corpo da requisição passa de 16 KiB."}
	case NotFound:
		return kind{http.StatusNotFound, "Not found", "Não há nada neste endereço."}
	case MethodNotAllowed:
		return kind{http.StatusMethodNotAllowed, "Method not allowed", "Este endereço não aceita este método."}
	case InvalidFields:
		return kind{http.StatusUnprocessableEntity, "Invalid fields", "Há campos ausentes ou inválidos."}
	case CPFTaken:
		return kind{http.StatusConflict, "CPF taken", "Uma conta com esse CPF já existe."}
	case EmailTaken:
		return kind{http.StatusConflict, "E-mail taken", "Esse e-mail já está em uma conta com outro CPF."}
	case SignupInProgress:
		return kind{http.StatusConflict, "Sign-up in progress", "Seu cadastro já está em andamento; aguarde alguns segundos e tente novamente."}
	case UserNotFound:
		return kind{http.StatusNotFound, "User not found", "Não há cadastro com esse e-mail."}
	case AlreadyConfirmed:
		return kind{http.StatusConflict, "Already confirmed", "Esse cadastro já tem uma senha definitiva."}
	case InvalidCredentials:
		return kind{http.StatusUnauthorized, "Invalid credentials", "O usuário e a senha provisória não conferem, ou a senha provisória venceu."}
	case WeakPassword:
		return kind{http.StatusUnprocessableEntity, "Weak password", "A nova senha não segue as regras."}
	case SignInElsewhere:
		return kind{http.StatusConflict, "Sign in elsewhere", "Este cadastro pede mais um passo; entre pela página de acesso."}
	case CrossSite:
		return kind{http.StatusForbidden, "Cross-site request", "Este formulário só pode ser enviado da própria página."}
	case TooManyRequests:
		return kind{http.StatusTooManyRequests, "Too many requests", "Foram muitas tentativas; aguarde antes de tentar novamente."}
	default:
		return kind{http.StatusServiceUnavailable, "Unavailable", "Não foi possível atender agora; tente novamente em instantes."}
	}
}

// Problem is an answer that refuses, as RFC 9457 shapes it. It never holds a
// value of the request.
type Problem struct {
	Code       Code
	Fields     []FieldProblem // of InvalidFields
	Rules      []string       // of WeakPassword: the rules that are broken
	RetryAfter time.Duration  // of TooManyRequests and Unavailable

	cause error // for the log
}

// FieldProblem names one wrong field by its JSON pointer (RFC 6901).
type FieldProblem struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error names the code.
func (p *Problem) Error() string { return string(p.Code) }

// problemType is where a program's author finds a code explained.
const problemType = "https://github.com/pontte/portaria/blob/main/docs/problems.md#"

// write answers with p. An answer to a HEAD has no body, as net/http sees to.
func (p *Problem) write(w http.ResponseWriter) {
	k := kindOf(p.Code)
	body := struct {
		Type   string         `json:"type"`
		Title  string         `json:"title"`
		Status int            `json:"status"`
		Detail string         `json:"detail"`
		Code   Code           `json:"code"`
		Errors []FieldProblem `json:"errors,omitempty"`
		Rules  []string       `json:"rules,omitempty"`
	}{problemType + string(p.Code), k.title, k.status, k.detail, p.Code, p.Fields, p.Rules}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(p.RetryAfter)))
	}
	writeJSON(w, k.status, "application/problem+json", body)
}

// seconds rounds up, so that who waits that long waits long enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// writeJSON answers with v, which must be made of texts, numbers and lists of them.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil { // no value of this package can make it
		body, status = []byte(`{}`), http.StatusInternalServerError
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
