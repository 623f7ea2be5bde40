package cognito

import (
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"
)

const customPrefix = "custom:"

type (
	customAttributeName string
	attributeDataType   string
)

func (customAttributeName) limits() limits { return limits{min: 1, max: 20, pattern: printable} }
func (attributeDataType) limits() limits {
	return limits{enum: []string{"String", "Number", "DateTime", "Boolean"}}
}

// schemaAttribute is one attribute as CreateUserPool takes it.
type schemaAttribute struct {
	Name                       customAttributeName `api:"required"`
	AttributeDataType          attributeDataType
	DeveloperOnlyAttribute     bool
	Mutable                    *bool
	Required                   bool
	NumberAttributeConstraints *numberLimits
	StringAttributeConstraints *stringLimits
}

// attributeSpec is one attribute of a pool as DescribeUserPool gives it.
type attributeSpec struct {
	Name                       string
	AttributeDataType          attributeDataType
	DeveloperOnlyAttribute     bool
	Mutable                    bool
	Required                   bool
	NumberAttributeConstraints *numberLimits `json:",omitzero"`
	StringAttributeConstraints *stringLimits `json:",omitzero"`
}

type numberLimits struct {
	MinValue string `json:",omitzero"`
	MaxValue string `json:",omitzero"`
}

type stringLimits struct {
	MinLength string `json:",omitzero"`
	MaxLength string `json:",omitzero"`
}

// schema is the attributes that users of a pool can have.
type schema []attributeSpec

// newSchema returns the standard attributes with those of in: one of a
// standard name replaces what can be set of it, any other is a custom one.
func newSchema(in []schemaAttribute) (schema, error) {
	attributes := standardAttributes()
	for _, a := range in {
		if err := a.checkLimits(); err != nil {
			return nil, err
		}
		if standard := attributes.find(string(a.Name)); standard != nil {
			standard.Required = a.Required
			standard.Mutable = a.Mutable == nil || *a.Mutable
			if a.StringAttributeConstraints != nil {
				standard.StringAttributeConstraints = a.StringAttributeConstraints
			}
			continue
		}
		if a.Required {
			return nil, refuse(invalidParameter, "Required custom attributes are not supported currently.")
		}
		spec := attributeSpec{
			Name:                       customPrefix + string(a.Name),
			AttributeDataType:          a.AttributeDataType,
			DeveloperOnlyAttribute:     a.DeveloperOnlyAttribute,
			Mutable:                    a.Mutable == nil || *a.Mutable,
			NumberAttributeConstraints: a.NumberAttributeConstraints,
			StringAttributeConstraints: a.StringAttributeConstraints,
		}
		if a.DeveloperOnlyAttribute {
			spec.Name = "dev:" + spec.Name
		}
		switch spec.AttributeDataType {
		case "":
			return nil, refuse(invalidParameter, "Attribute data type must be given for %s.", spec.Name)
		case "String":
			if spec.StringAttributeConstraints == nil {
				spec.StringAttributeConstraints = &stringLimits{}
			}
		case "Number":
			if spec.NumberAttributeConstraints == nil {
				spec.NumberAttributeConstraints = &numberLimits{}
			}
		}
		if attributes.find(spec.Name) != nil {
			return nil, refuse(invalidParameter, "%s: Attribute already exists in schema.", spec.Name)
		}
		attributes = append(attributes, spec)
	}
	return attributes, nil
}

func (a schemaAttribute) checkLimits() error {
	var texts []string
	if l := a.StringAttributeConstraints; l != nil {
		texts = append(texts, l.MinLength, l.MaxLength)
	}
	if l := a.NumberAttributeConstraints; l != nil {
		texts = append(texts, l.MinValue, l.MaxValue)
	}
	for _, text := range texts {
		if _, err := strconv.Atoi(text); text != "" && err != nil {
			return refuse(invalidParameter, "The constraints of attribute %s are not whole numbers.", a.Name)
		}
	}
	return nil
}

func standardAttributes() schema {
	text := func(name string) attributeSpec {
		return attributeSpec{Name: name, AttributeDataType: "String", Mutable: true,
			StringAttributeConstraints: &stringLimits{MinLength: "0", MaxLength: "2048"}}
	}
	flag := func(name string) attributeSpec {
		return attributeSpec{Name: name, AttributeDataType: "Boolean", Mutable: true}
	}
	sub := text("sub")
	sub.Mutable, sub.Required = false, true
	sub.StringAttributeConstraints = &stringLimits{MinLength: "1", MaxLength: "2048"}
	birthdate := text("birthdate")
	birthdate.StringAttributeConstraints = &stringLimits{MinLength: "10", MaxLength: "10"}
	updatedAt := attributeSpec{Name: "updated_at", AttributeDataType: "Number", Mutable: true,
		NumberAttributeConstraints: &numberLimits{MinValue: "0"}}
	return schema{
		sub, text("name"), text("given_name"), text("family_name"), text("middle_name"), text("nickname"),
		text("preferred_username"), text("profile"), text("picture"), text("website"), text("email"),
		flag("email_verified"), text("gender"), birthdate, text("zoneinfo"), text("locale"), text("phone_number"),
		flag("phone_number_verified"), text("address"), updatedAt,
	}
}

// find returns the attribute of that name, or nil.
func (s schema) find(name string) *attributeSpec {
	for i := range s {
		if s[i].Name == name {
			return &s[i]
		}
	}
	return nil
}

// missing returns the names of the required attributes that are not in
// attributes; sub, which the pool sets, is not asked for.
func (s schema) missing(attributes map[string]string) []string {
	var names []string
	for _, spec := range s {
		if spec.Required && spec.Name != "sub" && attributes[spec.Name] == "" {
			names = append(names, spec.Name)
		}
	}
	return names
}

// check says whether a user of the pool may have that attribute with that
// value. A value never stands in the error.
func (s schema) check(name, value string) error {
	spec := s.find(name)
	if spec == nil {
		return nonconforming("Type for attribute {%s} could not be determined", name)
	}
	switch {
	case name == "email" && !isEmail(value):
		return refuse(invalidParameter, "Invalid email address format.")
	case name == "phone_number" && !regexp.MustCompile(`^\+[0-9]{1,15}$`).MatchString(value):
		return refuse(invalidParameter, "Invalid phone number format.")
	}
	switch spec.AttributeDataType {
	case "Boolean":
		if value != "true" && value != "false" {
			return nonconforming("%s: Value must be true or false", name)
		}
	case "Number":
		return spec.checkNumber(value)
	case "String":
		return spec.checkString(value)
	}
	return nil
}

func (a *attributeSpec) checkString(value string) error {
	length := utf8.RuneCountInString(value)
	if l, ok := limit(a.StringAttributeConstraints.MinLength); ok && length < l {
		return nonconforming("%s: String must be at least %d characters long", a.Name, l)
	}
	if l, ok := limit(a.StringAttributeConstraints.MaxLength); ok && length > l {
		return nonconforming("%s: String must be no longer than %d characters", a.Name, l)
	}
	return nil
}

func (a *attributeSpec) checkNumber(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return nonconforming("%s: Value must be a number", a.Name)
	}
	if l, ok := limit(a.NumberAttributeConstraints.MinValue); ok && n < l {
		return nonconforming("%s: Number must be no less than %d", a.Name, l)
	}
	if l, ok := limit(a.NumberAttributeConstraints.MaxValue); ok && n > l {
		return nonconforming("%s: Number must be no greater than %d", a.Name, l)
	}
	return nil
}

// limit reads a constraint; newSchema has seen to it that it is a number.
func limit(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func nonconforming(format string, args ...any) error {
	return refuse(invalidParameter, "Attributes did not conform to the schema: %s", fmt.Sprintf(format, args...))
}

// isEmail says whether value has the shape of an e-mail address. Whether mail
// can be delivered there is not checked.
func isEmail(value string) bool {
	return regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`).MatchString(value)
}
