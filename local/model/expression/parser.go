package expression

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// parser reads an expression token by token.
type parser struct {
	rest  string
	token string // the next one; "" at the end
	in    *placeholders
	// bracketed is set when what was read last is one condition in brackets.
	bracketed bool
}

func newParser(s string, in *placeholders) *parser {
	p := &parser{rest: s, in: in}
	p.next()
	return p
}

func (p *parser) atEnd() bool { return p.token == "" }

// next gives the token and goes on to the one behind it. A token is a word with
// its # or :, a comparison, or a single character.
func (p *parser) next() string {
	token := p.token
	p.rest = strings.TrimLeft(p.rest, " ")
	end := strings.IndexFunc(p.rest, func(r rune) bool { return !isWord(r) })
	switch {
	case end < 0:
		end = len(p.rest)
	case end > 0:
	case strings.HasPrefix(p.rest, "<=") || strings.HasPrefix(p.rest, ">=") || strings.HasPrefix(p.rest, "<>"):
		end = 2
	default:
		end = 1
	}
	p.token, p.rest = p.rest[:end], p.rest[end:]
	return token
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '#' || r == ':'
}

// accept goes past the token if it is want.
func (p *parser) accept(want string) bool {
	if p.token != want {
		return false
	}
	p.next()
	return true
}

// keywords cannot name an attribute.
const keywords = " SET REMOVE ADD DELETE AND OR NOT IN BETWEEN "

// attribute reads the name of a top-level attribute, or what stands for it.
func (p *parser) attribute() (string, error) {
	token := p.next()
	switch {
	case token == "" || !isWord(rune(token[0])) || token[0] == ':' || strings.Contains(keywords, " "+strings.ToUpper(token)+" "):
		return "", fmt.Errorf("%q is not understood, want an attribute", token)
	case token[0] != '#':
		return token, nil
	}
	name, ok := p.in.names[token]
	if !ok {
		return "", fmt.Errorf("the name %s is not given", token)
	}
	p.in.used[token] = true
	return name, nil
}

// value reads what stands for a value.
func (p *parser) value() (types.AttributeValue, error) {
	token := p.next()
	if !strings.HasPrefix(token, ":") {
		return nil, fmt.Errorf("%q is not understood, want a value", token)
	}
	value, ok := p.in.values[token]
	if !ok {
		return nil, fmt.Errorf("the value %s is not given", token)
	}
	p.in.used[token] = true
	return value, nil
}
