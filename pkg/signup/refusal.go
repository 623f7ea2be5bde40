package signup

// Code names a refusal for programs. Its values are stable.
type Code string

// The codes, in the order in which the rules are applied.
const (
	InvalidCPF        Code = "invalid_cpf"
	CPFTaken          Code = "cpf_taken"
	MissingTrackCode  Code = "missing_track_code"
	InvalidSimulation Code = "invalid_simulation"
	SignupInProgress  Code = "signup_in_progress"
	Internal          Code = "internal"
)

// Text is what the customer reads, to the letter: Cognito puts "PreSignUp
// failed with error " before it and a full stop after it.
func (c Code) Text() string {
	switch c {
	case InvalidCPF:
		return "O cpf informado não é válido"
	case CPFTaken:
		return "Uma conta com esse CPF já existe"
	case MissingTrackCode:
		return "o parâmetro trackCode não foi enviado"
	case InvalidSimulation:
		return "informações da simulação estão erradas"
	case SignupInProgress:
		return "Seu cadastro já está em andamento; aguarde alguns segundos e tente novamente"
	default:
		return "Não foi possível concluir o cadastro agora; tente novamente em instantes"
	}
}

// Refusal is the one kind of error that a Handler returns, and always bare:
// Lambda passes on its text and nothing else.
type Refusal struct{ Code Code }

// Error is the text that the customer reads.
func (r *Refusal) Error() string { return r.Code.Text() }
