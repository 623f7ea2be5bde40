package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/pontte/portaria/pkg/password"
	"github.com/pontte/portaria/pkg/registry"
	"github.com/pontte/portaria/pkg/signup"
	"github.com/pontte/portaria/pkg/userpool"
)

const (
	// createWithin covers the trigger's three tries of 5 s and Cognito's own work.
	createWithin = 18 * time.Second
	lookUpWithin = 3 * time.Second
	resendWithin = 8 * time.Second
)

// userBody is the answer of POST /users.
type userBody struct {
	UserName  string          `json:"userName"`
	Status    userpool.Status `json:"status"`
	Created   bool            `json:"created"`
	Delivered bool            `json:"delivered"`
}

// register is POST /users.
func (a *API) register(r *http.Request) (answer, *Problem) {
	reg, problem := parseRegistration(r)
	if problem != nil {
		return answer{}, problem
	}
	found, err := a.lookUp(r.Context(), reg.email)
	switch {
	case err == nil:
		return existing(found, reg)
	case !errors.Is(err, userpool.ErrNotFound):
		return answer{}, poolProblem(err)
	}
	temporary, err := a.temporaryPassword(reg.suppress, reg.mediums)
	if err != nil {
		return answer{}, unavailable(err)
	}
	return a.create(r.Context(), reg, temporary)
}

// existing answers for an e-mail that is registered already.
func existing(found userpool.User, reg registration) (answer, *Problem) {
	switch {
	case found.CPF != reg.cpf:
		return answer{}, &Problem{Code: EmailTaken}
	case found.Status != userpool.ForceChangePassword:
		return answer{}, &Problem{Code: CPFTaken}
	}
	return answer{status: http.StatusOK, body: userBody{UserName: found.Name, Status: found.Status}}, nil
}

// create creates the user by one request. Where that gets no clear answer, or the
// user exists after all, the pool says what came of it: nothing is guessed.
func (a *API) create(ctx context.Context, reg registration, temporary string) (answer, *Problem) {
	created, err := a.createOnce(ctx, reg, temporary)
	delivered := err == nil && !reg.suppress
	refused, isRefused := errors.AsType[*userpool.RefusedError](err)
	_, undelivered := errors.AsType[*userpool.DeliveryError](err)
	switch {
	case err == nil:
	case isRefused:
		return answer{}, refusalProblem(refused)
	case undelivered, errors.Is(err, userpool.ErrUnavailable), errors.Is(err, userpool.ErrUserExists):
		cause := err
		if created, err = a.lookUp(context.WithoutCancel(ctx), reg.email); err != nil {
			return answer{}, unavailable(errors.Join(cause, err))
		}
		if errors.Is(cause, userpool.ErrUserExists) || created.CPF != reg.cpf {
			return existing(created, reg)
		}
	default:
		return answer{}, poolProblem(err)
	}
	done := answer{status: http.StatusCreated, body: userBody{UserName: created.Name, Status: created.Status, Created: true, Delivered: delivered}}
	done.warning = a.config.Claims.Bind(ctx, reg.cpf, registry.User{PoolID: a.config.PoolID, Name: created.Name}, created.Sub)
	return done, nil
}

func (a *API) createOnce(ctx context.Context, reg registration, temporary string) (userpool.User, error) {
	ctx, cancel := context.WithTimeout(ctx, createWithin)
	defer cancel()
	return a.config.Users.Create(ctx, userpool.NewUser{
		Email: reg.email, PhoneNumber: reg.phoneNumber, CPF: reg.cpf, Simulation: reg.simulation,
		TemporaryPassword: temporary, Suppress: reg.suppress, Mediums: reg.mediums,
	})
}

func (a *API) lookUp(ctx context.Context, email string) (userpool.User, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpWithin)
	defer cancel()
	return a.config.Users.Lookup(ctx, email)
}

// refusalProblem is the trigger's refusal as a problem. One that is not ours, or
// for our own fault, is no answer.
func refusalProblem(refused *userpool.RefusedError) *Problem {
	wrong := func(name, reason string) *Problem {
		o := object{findings: new(findings)}
		o.fail(name, reason)
		return o.problem()
	}
	switch refused.Text {
	case signup.InvalidCPF.Text():
		return wrong("cpf", reasonFormat)
	case signup.CPFTaken.Text():
		return &Problem{Code: CPFTaken}
	case signup.MissingTrackCode.Text():
		return wrong("trackCode", reasonMissing)
	case signup.InvalidSimulation.Text():
		return wrong("simulation", reasonFormat)
	case signup.SignupInProgress.Text():
		return &Problem{Code: SignupInProgress}
	}
	return unavailable(refused)
}

// poolProblem is an error of the user pool that says nothing of the user.
func poolProblem(err error) *Problem {
	if errors.Is(err, userpool.ErrThrottled) {
		return &Problem{Code: TooManyRequests, RetryAfter: retryThrottled, cause: err}
	}
	return unavailable(err)
}

// retryThrottled is when Cognito, asked too often, may be asked again: its rates
// are a second's.
const retryThrottled = 2 * time.Second

// resend is POST /users/resend.
func (a *API) resend(r *http.Request) (answer, *Problem) {
	o, problem := readObject(r)
	if problem != nil {
		return answer{}, problem
	}
	o.only("email", "mediums")
	email, mediums := o.email("email"), o.mediums("mediums")
	if problem := o.problem(); problem != nil {
		return answer{}, problem
	}
	temporary, err := a.temporaryPassword(false, mediums)
	if err != nil {
		return answer{}, unavailable(err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), resendWithin)
	defer cancel()
	err = a.config.Users.Resend(ctx, email, temporary, mediums)
	_, undelivered := errors.AsType[*userpool.DeliveryError](err)
	switch {
	case err == nil, undelivered:
		return answer{status: http.StatusAccepted, body: deliveryBody{Delivered: err == nil}, warning: err}, nil
	case errors.Is(err, userpool.ErrNotFound):
		return answer{}, &Problem{Code: UserNotFound}
	case errors.Is(err, userpool.ErrAlreadyConfirmed):
		return answer{}, &Problem{Code: AlreadyConfirmed}
	}
	return answer{}, poolProblem(err)
}

type deliveryBody struct {
	Delivered bool `json:"delivered"`
}

// emailAlone marks a temporary password that goes to the customer by e-mail and
// by nothing else: who types it reads that e-mail.
const emailAlone = "EMAIL"

// temporaryPassword makes one, marked where that holds.
func (a *API) temporaryPassword(suppress bool, mediums []userpool.Medium) (string, error) {
	temporary, err := password.Temporary(a.config.Rand, a.config.Policy)
	if err != nil {
		return "", err
	}
	if !suppress && slices.Equal(mediums, []userpool.Medium{userpool.Email}) {
		return password.Marked(temporary, emailAlone), nil
	}
	return password.Marked(temporary, "other"), nil
}
