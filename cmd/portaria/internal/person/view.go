package person

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/cmd/portaria/internal/mask"
	"github.com/pontte/portaria/cmd/portaria/internal/terminal"
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/userpool"
)

// View is a person as they are printed.
type View struct {
	CPF    string           `json:"cpf"`
	Claims []map[string]any `json:"claims"` // attributes as DynamoDB has them
	Users  []UserView       `json:"users"`
}

// UserView is a user as they are printed.
type UserView struct {
	PoolID     string            `json:"userPoolId"`
	Name       string            `json:"userName"`
	Status     string            `json:"status"`
	Enabled    bool              `json:"enabled"`
	Created    time.Time         `json:"createdAt"`
	Modified   time.Time         `json:"modifiedAt"`
	Attributes map[string]string `json:"attributes"`
}

// Unmasked shows everything.
func Unmasked(p Person) View { return view(p, func(_, value string) string { return value }) }

// Masked shows enough to recognise the person and to find the records: of CPF,
// e-mail and phone a part, identifiers and times whole, all else hidden.
func Masked(p Person) View { return view(p, masked) }

// masked hides the value called name.
func masked(name, value string) string {
	switch name {
	case "cpf", userpool.AttributeCPF:
		if c, err := cpf.Parse(value); err == nil {
			return c.Masked()
		}
		return mask.Hidden
	case "email":
		return mask.Email(value)
	case "phone", "phoneNumber", "phone_number":
		return mask.Phone(value)
	case "userName":
		return mask.UserName(value)
	case "userPoolId", "sub", "claimedAt", "triggerSource", "email_verified", "phone_number_verified":
		return value
	}
	return mask.Hidden
}

// view shows p, each text and number of it by show.
func view(p Person, show func(name, value string) string) View {
	v := View{CPF: show("cpf", p.CPF.Digits()), Claims: []map[string]any{}, Users: []UserView{}}
	for _, claim := range p.Claims {
		v.Claims = append(v.Claims, attributeMap(claim.Attributes(), show))
	}
	for _, u := range p.Users {
		shown := UserView{
			PoolID: u.PoolID, Name: show("userName", u.Name), Status: u.Status, Enabled: u.Enabled,
			Created: u.Created.UTC(), Modified: u.Modified.UTC(), Attributes: map[string]string{},
		}
		for name, value := range u.Attributes {
			shown.Attributes[name] = show(name, value)
		}
		v.Users = append(v.Users, shown)
	}
	return v
}

func attributeMap(it map[string]types.AttributeValue, show func(name, value string) string) map[string]any {
	m := make(map[string]any, len(it))
	for name, value := range it {
		m[name] = attribute(name, value, show)
	}
	return m
}

// attribute is a value of DynamoDB as JSON has it; numbers are exact.
func attribute(name string, value types.AttributeValue, show func(name, value string) string) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return show(name, v.Value)
	case *types.AttributeValueMemberN:
		if s := show(name, v.Value); s != v.Value {
			return s
		}
		return json.Number(v.Value)
	case *types.AttributeValueMemberM:
		return attributeMap(v.Value, show)
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, e := range v.Value {
			list[i] = attribute(name, e, show)
		}
		return list
	case *types.AttributeValueMemberBOOL:
		return show(name, strconv.FormatBool(v.Value))
	case *types.AttributeValueMemberNULL:
		return nil
	case *types.AttributeValueMemberB:
		return show(name, base64.StdEncoding.EncodeToString(v.Value))
	case *types.AttributeValueMemberSS:
		return texts(name, v.Value, show)
	case *types.AttributeValueMemberNS:
		return texts(name, v.Value, show)
	case *types.AttributeValueMemberBS:
		list := make([]string, len(v.Value))
		for i, b := range v.Value {
			list[i] = base64.StdEncoding.EncodeToString(b)
		}
		return texts(name, list, show)
	}
	return show(name, fmt.Sprintf("%T", value))
}

func texts(name string, values []string, show func(name, value string) string) []string {
	list := make([]string, len(values))
	for i, s := range values {
		list[i] = show(name, s)
	}
	return list
}

// WriteTable writes v for people.
func (v View) WriteTable(w io.Writer) {
	fmt.Fprintf(w, "cpf\t%s\n", v.CPF)
	for i, claim := range v.Claims {
		writeAll(w, fmt.Sprintf("claim %d", i+1), claim)
	}
	for i, u := range v.Users {
		name := fmt.Sprintf("user %d", i+1)
		for _, row := range [][2]string{
			{"userPoolId", u.PoolID}, {"userName", u.Name}, {"status", u.Status}, {"enabled", strconv.FormatBool(u.Enabled)},
			{"createdAt", u.Created.Format(time.RFC3339)}, {"modifiedAt", u.Modified.Format(time.RFC3339)},
		} {
			fmt.Fprintf(w, "%s\t%s\t%s\n", name, row[0], row[1])
		}
		for _, attribute := range slices.Sorted(maps.Keys(u.Attributes)) {
			fmt.Fprintf(w, "%s\t%s\t%s\n", name, terminal.Plain(attribute), terminal.Plain(u.Attributes[attribute]))
		}
	}
}

// writeAll writes the values of m, those of maps in it under their path.
func writeAll(w io.Writer, of string, m map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch value := m[name].(type) {
		case map[string]any:
			inner := make(map[string]any, len(value))
			for k, v := range value {
				inner[name+"."+k] = v
			}
			writeAll(w, of, inner)
		case json.Number:
			fmt.Fprintf(w, "%s\t%s\t%s%s\n", of, name, value, when(name, value))
		default:
			fmt.Fprintf(w, "%s\t%s\t%s\n", of, terminal.Plain(name), terminal.Plain(fmt.Sprint(value)))
		}
	}
}

// when says which time the epoch milliseconds of a claim are.
func when(name string, ms json.Number) string {
	n, err := ms.Int64()
	if name != "claimedAt" || err != nil {
		return ""
	}
	return " (" + time.UnixMilli(n).UTC().Format(time.RFC3339) + ")"
}
