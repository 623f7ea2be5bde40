package expression

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// condition tells whether an item is as it says.
type condition func(Item) bool

// or reads conditions between ORs, which bind less than ANDs.
func (p *parser) or() (condition, error) {
	return p.joined("OR", p.and, func(a, b condition) condition {
		return func(it Item) bool { return a(it) || b(it) }
	})
}

func (p *parser) and() (condition, error) {
	return p.joined("AND", p.term, func(a, b condition) condition {
		return func(it Item) bool { return a(it) && b(it) }
	})
}

func (p *parser) joined(word string, part func() (condition, error), join func(a, b condition) condition) (condition, error) {
	c, err := part()
	for err == nil && strings.EqualFold(p.token, word) {
		p.next()
		var right condition
		if right, err = part(); err == nil {
			c = join(c, right)
		}
		p.bracketed = false
	}
	return c, err
}

// term reads a condition in brackets, attribute_not_exists, or a comparison of
// an attribute with a value.
func (p *parser) term() (condition, error) {
	p.bracketed = false
	switch {
	case p.accept("("):
		c, err := p.or()
		switch {
		case err != nil:
			return nil, err
		case !p.accept(")"):
			return nil, fmt.Errorf("%q is not understood, want )", p.token)
		case p.bracketed:
			return nil, errors.New("brackets in brackets are redundant")
		}
		p.bracketed = true
		return c, nil
	case p.accept("attribute_not_exists"):
		if !p.accept("(") {
			return nil, fmt.Errorf("%q is not understood, want (", p.token)
		}
		name, err := p.attribute()
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("%q is not understood, want )", p.token)
		}
		return func(it Item) bool { return it[name] == nil }, err
	}
	name, err := p.attribute()
	if err != nil {
		return nil, err
	}
	operator := p.next()
	operand, err := p.value()
	if err != nil {
		return nil, err
	}
	switch operator {
	case "=":
		return func(it Item) bool { return it[name] != nil && equal(it[name], operand) }, nil
	case "<=":
		switch operand.(type) {
		case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
			return func(it Item) bool { return atMost(it[name], operand) }, nil
		}
		return nil, fmt.Errorf("%T has no order", operand)
	}
	return nil, fmt.Errorf("operator %q is not understood", operator)
}

// equal compares two values; those of different types are different.
func equal(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && number(a).Cmp(number(b)) == 0
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	case *types.AttributeValueMemberBOOL:
		b, ok := b.(*types.AttributeValueMemberBOOL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberNULL:
		_, ok := b.(*types.AttributeValueMemberNULL)
		return ok
	}
	// Values that expressions bring along have one of the types above.
	return false
}

// atMost compares values that have an order; an absent one, or one of another
// type, is not at most anything.
func atMost(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value <= b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && number(a).Cmp(number(b)) <= 0
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Compare(a.Value, b.Value) <= 0
	}
	return false
}

func number(n *types.AttributeValueMemberN) *big.Rat {
	r, ok := new(big.Rat).SetString(n.Value)
	if !ok {
		panic("not a number: " + n.Value)
	}
	return r
}
