package trigger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"
)

// Description is a pool as Cognito describes it. As JSON it is what is kept
// before an update.
type Description struct {
	Pool *types.UserPoolType
	MFA  *idp.GetUserPoolMfaConfigOutput `json:",omitempty"` // nil where MFA is off
}

// Describe describes the pool. Its error is an *UnknownSettingsError when Cognito
// describes more than the SDK knows.
func Describe(ctx context.Context, client Client, poolID string) (*Description, error) {
	var answer []byte
	out, err := client.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: aws.String(poolID)}, func(o *idp.Options) {
		o.HTTPClient = &listener{client: o.HTTPClient, heard: &answer}
	})
	if err != nil {
		return nil, fmt.Errorf("describe user pool: %w", err)
	}
	if out.UserPool == nil {
		return nil, errors.New("describe user pool: the answer has none")
	}
	if unknown := unknownSettings(answer, out.UserPool); len(unknown) > 0 {
		return nil, &UnknownSettingsError{Settings: unknown}
	}
	d := &Description{Pool: out.UserPool}
	if mfa := out.UserPool.MfaConfiguration; mfa != "" && mfa != types.UserPoolMfaTypeOff {
		d.MFA, err = client.GetUserPoolMfaConfig(ctx, &idp.GetUserPoolMfaConfigInput{UserPoolId: aws.String(poolID)})
		if err != nil {
			return nil, fmt.Errorf("get the pool's MFA configuration: %w", err)
		}
		d.MFA.ResultMetadata = middleware.Metadata{}
	}
	return d, nil
}

// listener keeps what was answered last, for whom the SDK's types are not
// enough.
type listener struct {
	client idp.HTTPClient
	heard  *[]byte
}

func (l *listener) Do(r *http.Request) (*http.Response, error) {
	resp, err := l.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	*l.heard, err = io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(*l.heard))
	return resp, nil
}

// unknownSettings names what an answer of DescribeUserPool has and pool has not.
func unknownSettings(answer []byte, pool *types.UserPoolType) []string {
	var said struct{ UserPool any }
	if json.Unmarshal(answer, &said) != nil {
		return nil
	}
	known := flatten(pool)
	var unknown []string
	for _, setting := range slices.Sorted(maps.Keys(flatten(said.UserPool))) {
		if _, ok := known[setting]; !ok {
			unknown = append(unknown, setting)
		}
	}
	return unknown
}

// Difference is one setting that differs, by its path in Cognito's own names:
// LambdaConfig.PreSignUp. What is not set is "".
type Difference struct {
	Setting string `json:"setting"`
	Before  string `json:"before"`
	After   string `json:"after"`
}

// changing is what changes by itself.
var changing = []string{"EstimatedNumberOfUsers", "LastModifiedDate", "Status", "SmsConfigurationFailure", "EmailConfigurationFailure"}

// compare gives the settings that differ, sorted.
func compare(before, after *types.UserPoolType) []Difference {
	return differences(flatten(before), flatten(after))
}

// compare gives the settings by which other differs from d, sorted.
func (d *Description) compare(other *Description) []Difference {
	return append(compare(d.Pool, other.Pool), differences(flatten(d.MFA), flatten(other.MFA))...)
}

func differences(before, after map[string]string) []Difference {
	all := maps.Clone(before)
	maps.Copy(all, after)
	var found []Difference
	for _, setting := range slices.Sorted(maps.Keys(all)) {
		if before[setting] != after[setting] && !slices.Contains(changing, setting) {
			found = append(found, Difference{Setting: setting, Before: before[setting], After: after[setting]})
		}
	}
	return found
}

// flatten gives each plain value in v, as JSON has it, by its path. What is
// absent, null, empty or false is "": Cognito describes the defaults of some
// settings only once they were set.
func flatten(v any) map[string]string {
	encoded, err := json.Marshal(v)
	if err != nil { // these types always can be encoded
		return nil
	}
	var decoded any
	d := json.NewDecoder(bytes.NewReader(encoded))
	d.UseNumber()
	if d.Decode(&decoded) != nil {
		return nil
	}
	flat := map[string]string{}
	walk("", decoded, flat)
	return flat
}

func walk(path string, v any, flat map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			walk(strings.TrimPrefix(path+"."+name, "."), value, flat)
		}
	case []any:
		for i, value := range v {
			walk(path+"["+strconv.Itoa(i)+"]", value, flat)
		}
	case bool:
		flat[path] = ""
		if v {
			flat[path] = "true"
		}
	case nil:
		flat[path] = ""
	default:
		flat[path] = fmt.Sprint(v)
	}
}
