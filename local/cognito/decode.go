package cognito

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decode reads the body of a request into in, a pointer to a struct. Names are
// those of the struct's fields, compared exactly. A member that has no field,
// and one whose field is of type unsupported, is refused by name; then a value
// of the wrong JSON type; then whatever breaks a limits, all of it in one
// message worded like Cognito's.
func decode(body []byte, in any) error {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil || decoder.More() {
		return refuse(serialization, "The request is not one JSON value.")
	}
	if tree == nil {
		return wrongType(tree, "", "a structure")
	}
	var c checker
	if err := c.check(tree, reflect.TypeOf(in).Elem(), ""); err != nil {
		return err
	}
	switch n := len(c.violations); n {
	case 0:
	case 1:
		return refuse(invalidParameter, "1 validation error detected: %s", c.violations[0])
	default:
		return refuse(invalidParameter, "%d validation errors detected: %s", n, strings.Join(c.violations, "; "))
	}
	// The tree, not the body: of a member that stands there twice, what was
	// checked is what counts.
	checked, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("encode the checked request: %w", err)
	}
	if err := json.Unmarshal(checked, in); err != nil {
		return refuse(serialization, "A number in the request is out of range.")
	}
	return nil
}

// unsupported is the type of a parameter that Cognito has and this service
// has not.
type unsupported struct{}

// limits are what a shape of Cognito's API demands of its values.
type limits struct {
	min, max int // characters of a string, value of a number, members of a list; max 0: none
	pattern  string
	enum     []string
	secret   bool // the value never stands in a message
}

// limited is a type that has limits.
type limited interface{ limits() limits }

// checker holds what broke a limits so far.
type checker struct {
	violations []string
}

func (c *checker) check(value any, t reflect.Type, path string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if value == nil {
		return nil
	}
	if t == reflect.TypeFor[unsupported]() {
		if isEmpty(value) {
			return nil
		}
		return refuse(invalidParameter, "The local user pool does not support the parameter %s.", path)
	}
	rules := limitsOf(t)
	switch t.Kind() {
	case reflect.Struct:
		members, ok := value.(map[string]any)
		if !ok {
			return wrongType(value, path, "a structure")
		}
		return c.checkStruct(members, t, path)
	case reflect.Map:
		members, ok := value.(map[string]any)
		if !ok {
			return wrongType(value, path, "a map")
		}
		for _, key := range slices.Sorted(maps.Keys(members)) {
			c.checkString(key, limitsOf(t.Key()), path)
			if err := c.check(members[key], t.Elem(), path+"."+key+".member"); err != nil {
				return err
			}
		}
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return wrongType(value, path, "a list")
		}
		c.checkSize(len(list), rules, path, value)
		for i, member := range list {
			if member == nil {
				return wrongType(member, path, "without null members")
			}
			if err := c.check(member, t.Elem(), fmt.Sprintf("%s.%d.member", path, i+1)); err != nil {
				return err
			}
		}
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			return wrongType(value, path, "a string")
		}
		c.checkString(text, rules, path)
	case reflect.Int:
		number, ok := value.(json.Number)
		if !ok {
			return wrongType(value, path, "a number")
		}
		n, err := number.Int64()
		if err != nil {
			return wrongType(value, path, "a whole number")
		}
		c.checkNumber(int(n), rules, path)
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			return wrongType(value, path, "a boolean")
		}
	}
	return nil
}

func (c *checker) checkStruct(members map[string]any, t reflect.Type, path string) error {
	prefix := ""
	if path != "" {
		prefix = path + "."
	}
	known := make(map[string]bool)
	for _, field := range reflect.VisibleFields(t) {
		known[field.Name] = !field.Anonymous
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !known[name] {
			return refuse(invalidParameter, "%s is not a parameter of this operation.", prefix+name)
		}
	}
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous {
			continue
		}
		name := prefix + lowerFirst(field.Name)
		if members[field.Name] == nil && field.Tag.Get("api") == "required" {
			c.violate(nil, limits{}, name, "Member must not be null")
		}
		if field.Type == reflect.TypeFor[unsupported]() {
			name = prefix + field.Name
		}
		if err := c.check(members[field.Name], field.Type, name); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) checkString(text string, rules limits, path string) {
	length := utf8.RuneCountInString(text)
	if length < rules.min {
		c.violate(text, rules, path, "Member must have length greater than or equal to %d", rules.min)
	}
	if rules.max > 0 && length > rules.max {
		c.violate(text, rules, path, "Member must have length less than or equal to %d", rules.max)
	}
	if rules.pattern != "" && !regexp.MustCompile(`^(?:`+rules.pattern+`)$`).MatchString(text) {
		c.violate(text, rules, path, "Member must satisfy regular expression pattern: %s", rules.pattern)
	}
	if rules.enum != nil && !slices.Contains(rules.enum, text) {
		c.violate(text, rules, path, "Member must satisfy enum value set: [%s]", strings.Join(rules.enum, ", "))
	}
}

func (c *checker) checkNumber(n int, rules limits, path string) {
	if n < rules.min {
		c.violate(n, rules, path, "Member must have value greater than or equal to %d", rules.min)
	}
	if rules.max > 0 && n > rules.max {
		c.violate(n, rules, path, "Member must have value less than or equal to %d", rules.max)
	}
}

func (c *checker) checkSize(n int, rules limits, path string, value any) {
	if n < rules.min {
		c.violate(value, rules, path, "Member must have length greater than or equal to %d", rules.min)
	}
	if rules.max > 0 && n > rules.max {
		c.violate(value, rules, path, "Member must have length less than or equal to %d", rules.max)
	}
}

func (c *checker) violate(value any, rules limits, path, format string, args ...any) {
	var subject string
	switch {
	case value == nil:
		subject = "Value null at '" + path + "'"
	case rules.secret:
		subject = "Value at '" + path + "'"
	default:
		subject = fmt.Sprintf("Value '%v' at '%s'", value, path)
	}
	c.violations = append(c.violations, subject+" failed to satisfy constraint: "+fmt.Sprintf(format, args...))
}

func limitsOf(t reflect.Type) limits {
	if l, ok := reflect.TypeAssert[limited](reflect.Zero(t)); ok {
		return l.limits()
	}
	return limits{}
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case bool:
		return !v
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func wrongType(value any, path, want string) error {
	kind := "null"
	switch value.(type) {
	case string:
		kind = "a string"
	case bool:
		kind = "a boolean"
	case json.Number:
		kind = "a number"
	case map[string]any:
		kind = "a structure"
	case []any:
		kind = "a list"
	}
	if path == "" {
		path = "the request"
	}
	return refuse(serialization, "Unexpected value: %s must be %s, not %s.", path, want, kind)
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}
