package local

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/pontte/portaria/local/apigateway"
)

//go:embed index.html
var indexHTML string

// pages are the web pages: an index, the mailbox, and all that the HTTP API
// answers.
func (s *Stack) pages() http.Handler {
	index := template.Must(template.New("index").Parse(indexHTML))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		index.Execute(w, s.Summary()) // a reader that went away is no error of ours
	})
	mux.Handle("/mailbox", s.Mailbox)
	mux.Handle("/mailbox.json", s.Mailbox)
	mux.Handle("/mailbox/", s.Mailbox)
	if s.api != nil {
		mux.Handle("/", apigateway.Handler(s.api, time.Now))
	}
	return mux
}

// Summary tells a person what runs where, which environment leads there, and how
// to make the first call.
func (s *Stack) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Portaria runs here, for development and tests:\n\n")
	fmt.Fprintf(&b, "  Cognito   %s   pool %s, client %s\n", s.CognitoURL(), s.UserPoolID(), s.ClientID())
	fmt.Fprintf(&b, "  DynamoDB  %s   table %s\n", s.DynamoDBURL(), s.Table())
	fmt.Fprintf(&b, "  Mailbox   %s/mailbox\n", s.WebURL())
	if s.api != nil {
		fmt.Fprintf(&b, "  HTTP API  %s   routes in %s/openapi.json\n", s.WebURL(), s.WebURL())
		fmt.Fprintf(&b, "  Page      %s\n", s.pageURL())
	}
	fmt.Fprintf(&b, "\nEnvironment for AWS clients:\n\n")
	for _, pair := range s.Env() {
		fmt.Fprintf(&b, "  export %s\n", pair)
	}
	aws := "  AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\\n" +
		"  aws --endpoint-url " + s.CognitoURL() + " --region " + Region + " cognito-idp admin-create-user \\\n" +
		"    --user-pool-id " + s.UserPoolID() + " --username email.test@gmail.com"
	fmt.Fprintf(&b, "\nCreate a user:\n\n%s%s\n", aws, originalCall)
	fmt.Fprintf(&b, "\nSend a new temporary password:\n\n%s%s\n", aws, resendCall)
	return b.String()
}

const originalCall = ` \
    --desired-delivery-mediums EMAIL SMS --no-force-alias-creation --message-action SUPPRESS \
    --user-attributes Name=email,Value=email.test@gmail.com Name=phone_number,Value=+5551981980387 \
      Name=custom:cpf,Value=04212286017 \
    --validation-data Name=trackCode,Value=21a81129400fbf441ae138e52eae8778 \
      Name=simulationId,Value=mHPkDoN3TNqw7G3nxA4GAw Name=loanValue,Value=123123 Name=term,Value=180 \
      Name=installment,Value=2439.02 Name=loanValueSelected,Value=123123 'Name=phone,Value=+55 (51) 99999-9999'`

const resendCall = ` \
    --desired-delivery-mediums EMAIL SMS --message-action RESEND`
