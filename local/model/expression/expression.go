// Package expression evaluates the condition and update expressions that
// Portaria sends to DynamoDB, for a model that must know what a write does to an
// item without an engine to ask.
//
// It knows SET with values, REMOVE, and conditions of attribute_not_exists, =,
// <=, AND, OR and brackets, over top-level attributes. Whatever else it meets is
// an error, never ignored, and so are placeholders that are not given or not
// used: DynamoDB refuses those too. What it does is held to what the engines do
// by a test. It is a tool for tests.
package expression

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is an item of a table, its key included.
type Item = map[string]types.AttributeValue

// Write is a conditional UpdateItem, parsed.
type Write struct {
	set       map[string]types.AttributeValue
	remove    []string
	condition condition // nil: none
}

// Parse reads the expressions of an UpdateItem. An empty update only checks the
// condition, and an empty condition always holds. The error says what is not
// understood, or what DynamoDB would refuse.
func Parse(update, condition string, names map[string]string, values Item) (*Write, error) {
	in := &placeholders{names: names, values: values, used: make(map[string]bool)}
	w := &Write{set: make(map[string]types.AttributeValue)}
	if update != "" {
		if err := w.parseUpdate(newParser(update, in)); err != nil {
			return nil, fmt.Errorf("update expression %q: %w", update, err)
		}
	}
	if condition != "" {
		p := newParser(condition, in)
		c, err := p.or()
		if err == nil && !p.atEnd() {
			err = fmt.Errorf("%q is not understood", p.token)
		}
		if err != nil {
			return nil, fmt.Errorf("condition expression %q: %w", condition, err)
		}
		w.condition = c
	}
	return w, in.unused()
}

// Holds reports whether the condition lets the write of item through; nil is no
// item.
func (w *Write) Holds(item Item) bool { return w.condition == nil || w.condition(item) }

// Apply gives item as the write leaves it, condition or not; item itself stays
// as it is. An item that was not there begins with key alone.
func (w *Write) Apply(item, key Item) Item {
	next := maps.Clone(item)
	if item == nil {
		next = maps.Clone(key)
	}
	maps.Copy(next, w.set)
	for _, name := range w.remove {
		delete(next, name)
	}
	return next
}

// parseUpdate reads clauses of SET and REMOVE, each at most once.
func (w *Write) parseUpdate(p *parser) error {
	seen := make(map[string]bool)
	paths := make(map[string]bool)
	path := func() (string, error) {
		name, err := p.attribute()
		if err == nil && paths[name] {
			err = fmt.Errorf("attribute %s stands in it twice", name)
		}
		paths[name] = true
		return name, err
	}
	for !p.atEnd() {
		clause := strings.ToUpper(p.next())
		if seen[clause] || clause != "SET" && clause != "REMOVE" {
			return fmt.Errorf("%q is not understood", clause)
		}
		seen[clause] = true
		for more := true; more; more = p.accept(",") {
			name, err := path()
			if err != nil {
				return err
			}
			if clause == "REMOVE" {
				w.remove = append(w.remove, name)
				continue
			}
			if !p.accept("=") {
				return fmt.Errorf("%q is not understood, want =", p.token)
			}
			if w.set[name], err = p.value(); err != nil {
				return err
			}
		}
	}
	if len(paths) == 0 {
		return errors.New("it does nothing")
	}
	return nil
}

// placeholders are what the names and values of an expression stand for.
type placeholders struct {
	names  map[string]string
	values Item
	used   map[string]bool
}

func (in *placeholders) unused() error {
	for name := range in.names {
		if !in.used[name] {
			return fmt.Errorf("the name %s is not used", name)
		}
	}
	for name := range in.values {
		if !in.used[name] {
			return fmt.Errorf("the value %s is not used", name)
		}
	}
	return nil
}
