package web

import (
	"github.com/pontte/portaria/pkg/cpf"
	"github.com/pontte/portaria/pkg/simulation"
)

// reasonText says in Portuguese what is wrong with a field, for a reason of this
// package, of pkg/cpf or of pkg/simulation.
func reasonText(reason string) string {
	switch reason {
	case reasonMissing, string(cpf.Empty):
		return "Este campo é obrigatório."
	case reasonType:
		return "Este campo não é do tipo esperado."
	case reasonEmail:
		return "Informe um e-mail válido, só com letras sem acento, números e . - _ +"
	case reasonPhone:
		return "Informe o telefone no formato E.164, como +5551999999999."
	case reasonMediums:
		return "Informe EMAIL, SMS ou os dois, sem repetir."
	case string(cpf.Character), string(cpf.Length), string(cpf.Punctuation):
		return "Informe o CPF com 11 dígitos ou no formato 000.000.000-00."
	case string(cpf.Repeated), string(cpf.CheckDigits):
		return "Os dígitos verificadores não conferem."
	case string(simulation.Blank):
		return "Este campo está em branco."
	case string(simulation.TooLong):
		return "Este campo passa do tamanho máximo."
	case string(simulation.OutOfRange):
		return "O valor está fora do intervalo permitido."
	case string(simulation.AreaCode):
		return "O DDD não existe."
	default:
		return "O valor não está no formato esperado."
	}
}
