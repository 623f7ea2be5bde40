package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go"
)

// Names are those of a deployment's parts. What is "" is not looked at.
type Names struct {
	UserPool string
	Client   string // the api function's
	Function string // ARN of the alias; the pool's trigger when ""
	Claims   string
	Limits   string
}

// Look describes a deployment by reading. Whatever AWS does not describe, for
// want of permission or otherwise, is a finding of severity Unknown. The SES
// identity is looked up in the region that its ARN names.
func Look(ctx context.Context, cfg aws.Config, names Names) (Deployment, []Finding) {
	l := looker{ctx: ctx, cfg: cfg}
	d := Deployment{API: names.Client, Want: names.Function}
	l.pool(&d, names.UserPool)
	if function := names.Function; function != "" || d.Pool != nil {
		if function == "" {
			function = triggerOf(d.Pool)
		}
		l.function(&d, function)
	}
	d.Claims, d.Limits = l.table(names.Claims), l.table(names.Limits)
	return d, l.unknown
}

type looker struct {
	ctx     context.Context
	cfg     aws.Config
	unknown []Finding
}

// failed takes down that something could not be looked at, and reports whether.
func (l *looker) failed(what string, err error) bool {
	if err == nil {
		return false
	}
	reason := err.Error()
	if refused, ok := errors.AsType[smithy.APIError](err); ok {
		reason = refused.ErrorCode()
	} else if _, ok := errors.AsType[*smithy.OperationError](err); ok {
		reason = "no answer"
	}
	l.unknown = append(l.unknown, Finding{
		Code: "not_looked_at", Severity: Unknown,
		What: fmt.Sprintf("%s: %s", what, reason),
		Cure: "Check name and region, and let the credentials in use read it: every call that doctor makes only describes.",
	})
	return true
}

func (l *looker) pool(d *Deployment, id string) {
	if id == "" {
		return
	}
	client := idp.NewFromConfig(l.cfg)
	out, err := client.DescribeUserPool(l.ctx, &idp.DescribeUserPoolInput{UserPoolId: aws.String(id)})
	if l.failed("user pool "+id, err) || out.UserPool == nil {
		return
	}
	d.Pool = out.UserPool
	for pages := idp.NewListUserPoolClientsPaginator(client, &idp.ListUserPoolClientsInput{UserPoolId: aws.String(id), MaxResults: aws.Int32(60)}); pages.HasMorePages(); {
		page, err := pages.NextPage(l.ctx)
		if l.failed("the pool's clients", err) {
			break
		}
		for _, c := range page.UserPoolClients {
			out, err := client.DescribeUserPoolClient(l.ctx, &idp.DescribeUserPoolClientInput{UserPoolId: aws.String(id), ClientId: c.ClientId})
			if !l.failed("client "+aws.ToString(c.ClientId), err) && out.UserPoolClient != nil {
				d.Clients = append(d.Clients, *out.UserPoolClient)
			}
		}
	}
	if usesSES(d.Pool) {
		l.sender(d, aws.ToString(d.Pool.EmailConfiguration.SourceArn))
	}
}

func (l *looker) sender(d *Deployment, identity string) {
	parsed, err := arn.Parse(identity)
	if l.failed("SES identity "+identity, err) {
		return
	}
	client := sesv2.NewFromConfig(l.cfg, func(o *sesv2.Options) { o.Region = parsed.Region })
	if sender, err := client.GetAccount(l.ctx, &sesv2.GetAccountInput{}); !l.failed("the SES account in "+parsed.Region, err) {
		d.Sender = sender
	}
	name := strings.TrimPrefix(parsed.Resource, "identity/")
	if found, err := client.GetEmailIdentity(l.ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(name)}); !l.failed("SES identity "+name, err) {
		d.Identity = found
	}
}

func (l *looker) function(d *Deployment, function string) {
	if function == "" {
		return
	}
	parsed, err := arn.Parse(function)
	if l.failed("function "+function, err) {
		return
	}
	parts := strings.SplitN(parsed.Resource, ":", 3) // function:NAME:ALIAS
	var qualifier *string
	if len(parts) == 3 {
		qualifier = aws.String(parts[2])
		parsed.Resource = parts[0] + ":" + parts[1]
	}
	name := aws.String(parsed.String())
	client := lambda.NewFromConfig(l.cfg, func(o *lambda.Options) { o.Region = parsed.Region })
	if out, err := client.GetFunctionConfiguration(l.ctx, &lambda.GetFunctionConfigurationInput{FunctionName: name, Qualifier: qualifier}); !l.failed("function "+function, err) {
		d.Function = out
	}
	out, err := client.GetPolicy(l.ctx, &lambda.GetPolicyInput{FunctionName: name, Qualifier: qualifier})
	if _, none := errors.AsType[*lambdatypes.ResourceNotFoundException](err); none && d.Function != nil {
		d.Policy = aws.String("")
		return
	}
	if !l.failed("the permissions of "+function, err) {
		d.Policy = aws.String(aws.ToString(out.Policy))
	}
}

func (l *looker) table(name string) *Table {
	if name == "" {
		return nil
	}
	t := &Table{Name: name}
	client := dynamodb.NewFromConfig(l.cfg)
	out, err := client.DescribeTable(l.ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if l.failed("table "+name, err) {
		return t
	}
	t.Settings = out.Table
	if out, err := client.DescribeContinuousBackups(l.ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(name)}); !l.failed("the backups of table "+name, err) {
		t.Backups = out.ContinuousBackupsDescription
	}
	if out, err := client.DescribeTimeToLive(l.ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(name)}); !l.failed("the time to live of table "+name, err) {
		t.Expiry = out.TimeToLiveDescription
	}
	return t
}
