package password

import "fmt"

// Entry is a rule as it is shown to people.
type Entry struct {
	Rule Rule
	Text string // Portuguese, what to do, without a full stop; a demand and a refusal alike

	Upfront bool // to be shown before anything is typed; the others when they are broken
	Live    bool // a browser can tell by the password alone, without a list
	Limit   int  // the number in the text, of TooShort and TooLong; otherwise 0
}

// Rules gives the rules that p has, in the order of the constants: NoLowercase
// and the like only where p asks for them. No two have the same text.
func (p Policy) Rules() []Entry {
	low := p.minLength()
	all := []struct {
		Entry
		left bool // left out by this policy
	}{
		{Entry: Entry{Rule: TooShort, Text: fmt.Sprintf("Use pelo menos %d caracteres", low), Upfront: true, Live: true, Limit: low}},
		{Entry: Entry{Rule: TooLong, Text: fmt.Sprintf("Use no máximo %d caracteres", MaxLength), Live: true, Limit: MaxLength}},
		{Entry: Entry{Rule: EdgeSpace, Text: "Não comece nem termine com espaço", Live: true}},
		{Entry: Entry{Rule: BadCharacter, Text: "Não use quebras de linha nem caracteres inválidos"}},
		{Entry: Entry{Rule: NoLowercase, Text: "Use pelo menos uma letra minúscula sem acento (a–z)", Upfront: true, Live: true}, left: !p.RequireLowercase},
		{Entry: Entry{Rule: NoUppercase, Text: "Use pelo menos uma letra maiúscula sem acento (A–Z)", Upfront: true, Live: true}, left: !p.RequireUppercase},
		{Entry: Entry{Rule: NoNumber, Text: "Use pelo menos um número", Upfront: true, Live: true}, left: !p.RequireNumbers},
		{Entry: Entry{Rule: NoSymbol, Text: "Use pelo menos um símbolo, como ! @ # - ou _", Upfront: true, Live: true}, left: !p.RequireSymbols},
		{Entry: Entry{Rule: Common, Text: "Não use uma senha comum, como senha1234567 ou 123456789012", Upfront: true}},
		{Entry: Entry{Rule: SameAsTemporary, Text: "Não repita a senha provisória", Upfront: true}},
		{Entry: Entry{Rule: Personal, Text: "Não use seu CPF, seu telefone nem uma senha feita do seu e-mail ou nome", Upfront: true}},
		{Entry: Entry{Rule: NotAccepted, Text: "Esta senha não foi aceita; escolha outra"}},
	}
	var rules []Entry
	for _, r := range all {
		if !r.left {
			rules = append(rules, r.Entry)
		}
	}
	return rules
}

// Text gives the text of one rule of p, and "" for a rule that p does not have.
func (p Policy) Text(rule Rule) string {
	for _, e := range p.Rules() {
		if e.Rule == rule {
			return e.Text
		}
	}
	return ""
}
