package canary_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/pontte/portaria/local"
	"github.com/pontte/portaria/local/canary"
)

// TestLocalStackPrintsCanariesInMailOnly takes people from sign-up to a password
// of their own against `make run`, and scans what it prints but for the mailbox,
// and the errors that callers get.
func TestLocalStackPrintsCanariesInMailOnly(t *testing.T) {
	t.Parallel()
	ana, joao := canary.NewPerson("Ana", seed), canary.NewPerson("João", seed+1)
	secrets := append(ana.Canaries(), joao.Canaries()...)
	p := startRun(t)
	var told []string // to callers who were refused
	refused := func(err error) {
		t.Helper()
		if err == nil {
			t.Fatal("not refused")
		}
		told = append(told, err.Error())
	}

	p.must(p.create(ana, ana.CPF, ""))
	for _, spelling := range canary.Spellings(ana.CPF) {
		refused(p.create(joao, spelling, ""))
	}
	refused(p.create(joao, joao.CPF+"0", ""))
	taken := joao
	taken.TrackCode = ""
	refused(p.create(taken, joao.CPF, ""))
	taken = joao
	taken.Phone = joao.Password
	refused(p.create(taken, joao.CPF, ""))
	p.must(p.create(joao, joao.CPF, joao.Password)) // which is mailed

	_, err := p.signIn(joao.Email, ana.Password)
	refused(err)
	session, err := p.signIn(joao.Email, joao.Password)
	p.must(err)
	refused(p.choose(joao.Email, session+"x", ana.Password, nil))
	session, err = p.signIn(joao.Email, joao.Password)
	p.must(err)
	var tokens types.AuthenticationResultType
	p.must(p.choose(joao.Email, session, ana.Password, &tokens))
	_, err = p.client.AdminCreateUser(t.Context(), &sdk.AdminCreateUserInput{
		UserPoolId: aws.String(local.DefaultUserPoolID), Username: &ana.Email, MessageAction: types.MessageActionTypeResend,
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail, types.DeliveryMediumTypeSms},
	})
	p.must(err)

	secrets = append(secrets,
		canary.Canary{Name: "session of João", Value: session}, canary.Canary{Name: "access token", Value: *tokens.AccessToken},
		canary.Canary{Name: "id token", Value: signature(*tokens.IdToken)}, canary.Canary{Name: "refresh token", Value: *tokens.RefreshToken})
	s := scanner(t, secrets...)
	mail, rest := mailIn(p.end())
	if found := scan(t, s, rest); len(found) != 0 {
		t.Errorf("what it prints holds %v", found)
	}
	if found := scan(t, s, strings.Join(told, "\n")); len(found) != 0 {
		t.Errorf("the errors hold %v", found)
	}
	if !strings.Contains(mail, joao.Password) || !strings.Contains(mail, ana.Email) || len(scan(t, s, mail)) == 0 {
		t.Error("no mail is printed, or nothing is found in it")
	}
	if got := strings.Count(rest, `"service":"pre-signup"`); got < 12 {
		t.Errorf("%d lines of the function, want one for each sign-up", got)
	}
}

// signature is the part of a token that no other one has.
func signature(token string) string { return token[strings.LastIndex(token, ".")+1:] }

// mailIn takes apart what the mailbox prints and the rest.
func mailIn(printed string) (mail, rest string) {
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "✉ ") || strings.HasPrefix(line, "  │ ") {
			mail += line
		} else {
			rest += line
		}
	}
	return mail, rest
}

// run is the command behind `make run`.
type run struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bytes.Buffer
	read   chan error
	client *sdk.Client
}

func startRun(t *testing.T) *run {
	t.Helper()
	function, err := local.BuildFunction(t.Context(), "pre-signup")
	if err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(t.TempDir(), "run")
	if words, err := exec.CommandContext(t.Context(), "go", "build", "-o", command, "../cmd/run").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, words)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // patience
	t.Cleanup(cancel)
	p := &run{t: t, out: new(bytes.Buffer), read: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, command, "--function="+function, "--log-level=trace", "--resend-trigger=stored",
		"--cognito-addr=127.0.0.1:0", "--dynamodb-addr=127.0.0.1:0", "--web-addr=127.0.0.1:0")
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	endpoint := make(chan string, 1)
	go p.listen(r, endpoint)
	select {
	case url := <-endpoint:
		p.client = sdk.New(sdk.Options{
			Region: local.Region, BaseEndpoint: &url, Retryer: aws.NopRetryer{},
			Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		})
	case err := <-p.read:
		t.Fatalf("it ended before it said where Cognito is: %v", err)
	}
	return p
}

// listen reads all that p prints, and tells where Cognito is.
func (p *run) listen(r io.ReadCloser, endpoint chan<- string) {
	defer r.Close()
	where := regexp.MustCompile(`Cognito +(http://127\.0\.0\.1:\d+)`)
	chunk := make([]byte, 1<<16)
	for told := false; ; {
		n, err := r.Read(chunk)
		p.out.Write(chunk[:n])
		if found := where.FindSubmatch(p.out.Bytes()); found != nil && !told && bytes.Contains(p.out.Bytes(), []byte("Ctrl-C ends it")) {
			told = true
			endpoint <- string(found[1])
		}
		if err != nil {
			p.read <- err
			return
		}
	}
}

// end ends the command as Ctrl-C does and gives all that it printed.
func (p *run) end() string {
	p.t.Helper()
	p.must(p.cmd.Process.Signal(os.Interrupt))
	<-p.read // before Wait, until the function is gone too
	p.must(p.cmd.Wait())
	return p.out.String()
}

func (p *run) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// create makes the call of the specification for who, with a CPF in some
// spelling; with a temporary password it has that mailed.
func (p *run) create(who canary.Person, cpf, temporary string) error {
	pairs := func(nameValue ...string) (list []types.AttributeType) {
		for i := 0; i < len(nameValue); i += 2 {
			list = append(list, types.AttributeType{Name: &nameValue[i], Value: &nameValue[i+1]})
		}
		return list
	}
	in := &sdk.AdminCreateUserInput{
		UserPoolId: aws.String(local.DefaultUserPoolID), Username: &who.Email, MessageAction: types.MessageActionTypeSuppress,
		DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail, types.DeliveryMediumTypeSms},
		UserAttributes:         pairs("email", who.Email, "phone_number", who.PhoneNumber, "custom:cpf", cpf),
		ValidationData: pairs("trackCode", who.TrackCode, "simulationId", who.SimulationID, "loanValue", who.LoanValue, "term", "180",
			"installment", who.LoanValue, "loanValueSelected", who.LoanValue, "phone", who.Phone),
		ClientMetadata: map[string]string{"token": who.Token, "password": who.Password},
	}
	if temporary != "" {
		in.MessageAction, in.TemporaryPassword = "", &temporary
	}
	_, err := p.client.AdminCreateUser(p.t.Context(), in)
	return err
}

func (p *run) signIn(name, password string) (session string, err error) {
	out, err := p.client.AdminInitiateAuth(p.t.Context(), &sdk.AdminInitiateAuthInput{
		UserPoolId: aws.String(local.DefaultUserPoolID), ClientId: aws.String(local.DefaultClientID), AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Session), nil
}

// choose answers the challenge with a new password and gives the tokens.
func (p *run) choose(name, session, password string, tokens *types.AuthenticationResultType) error {
	out, err := p.client.AdminRespondToAuthChallenge(p.t.Context(), &sdk.AdminRespondToAuthChallengeInput{
		UserPoolId: aws.String(local.DefaultUserPoolID), ClientId: aws.String(local.DefaultClientID),
		ChallengeName: types.ChallengeNameTypeNewPasswordRequired, Session: &session,
		ChallengeResponses: map[string]string{"USERNAME": name, "NEW_PASSWORD": password},
	})
	if err == nil && tokens != nil {
		*tokens = *out.AuthenticationResult
	}
	return err
}
