package password_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pontte/portaria/pkg/password"
)

// good breaks no rule of any policy of up to 20 characters.
const good = "Cavalo-bateria 7 grampos"

func TestCheck(t *testing.T) {
	given := password.Given{Temporary: "kf7Rw-tqXz9_mPaB3sHe", Words: []string{"maria.silva@example.com"}}
	for name, tt := range map[string]struct {
		password string
		want     []password.Rule
	}{
		"a sentence":                           {"cavalo bateria grampo", nil},
		"twelve characters":                    {"uvh7e!kd0sxq", nil},
		"eleven characters":                    {"uvh7e!kd0sx", []password.Rule{"too_short"}},
		"nothing":                              {"", []password.Rule{"too_short"}},
		"twelve accented letters":              {"çãéíóúâêôàõü", nil},
		"twelve emoji":                         {"🐎🔋📎🚗🌵🎈🍎🐟🎲🧵🪁🥁", nil},
		"eleven emoji, 44 bytes":               {"🐎🔋📎🚗🌵🎈🍎🐟🎲🧵🪁", []password.Rule{"too_short"}},
		"64 emoji":                             {strings.Repeat("🐎🔋📎🚗🌵🎈🍎🐟", 8), nil},
		"128 emoji":                            {strings.Repeat("🐎🔋📎🚗🌵🎈🍎🐟", 16), nil},
		"129 emoji":                            {strings.Repeat("🐎🔋📎🚗🌵🎈🍎🐟", 16) + "🐎", []password.Rule{"too_long"}},
		"64 letters":                           {strings.Repeat("cavalo-b", 8), nil},
		"256 letters":                          {strings.Repeat("cavalo-b", 32), nil},
		"257 letters":                          {strings.Repeat("cavalo-b", 32) + "c", []password.Rule{"too_long"}},
		"much too long and made of the e-mail": {strings.Repeat("maria.silva ", 1<<16), []password.Rule{"too_long"}},
		"space at the start":                   {" cavalo bateria", []password.Rule{"edge_space"}},
		"space at the end":                     {"cavalo bateria ", []password.Rule{"edge_space"}},
		"tab at the end":                       {"cavalo bateria\t", []password.Rule{"edge_space"}},
		"no-break space at the end":            {"cavalo bateria\u00a0", []password.Rule{"edge_space"}},
		"ideographic space at the start":       {"\u3000cavalo bateria", []password.Rule{"edge_space"}},
		"two spaces within":                    {"cavalo  bateria", nil},
		"tab within":                           {"cavalo\tbateria", nil},
		"line feed within":                     {"cavalo\nbateria", []password.Rule{"bad_character"}},
		"line feed at the end":                 {"cavalo bateria\n", []password.Rule{"edge_space", "bad_character"}},
		"line separator within":                {"cavalo\u2028bateria", []password.Rule{"bad_character"}},
		"not UTF-8":                            {"cavalo\xffbateria", []password.Rule{"bad_character"}},
		"what a decoder could not read":        {"cavalo\ufffdbateria", []password.Rule{"bad_character"}},
		"common":                               {"qwerty123456", []password.Rule{"common"}},
		"common in other case":                 {"QwErTy123456", []password.Rule{"common"}},
		"common with a Kelvin sign":            {"01telemi\u212ae01", []password.Rule{"common"}},
		"common in Brazil":                     {"Flamengo123456", []password.Rule{"common"}},
		"a digit more than a common one":       {"qwerty1234560", nil},
		"one character over and over":          {"----------------", []password.Rule{"common"}},
		"four characters over and over":        {"x7-Qx7-Qx7-Qx7-", []password.Rule{"common"}},
		"five characters over and over":        {"x7-Qdx7-Qdx7-Qd", nil},
		"digits in a row":                      {"789012345678901", []password.Rule{"common"}},
		"digits in a row, down":                {"321098765432109", []password.Rule{"common"}},
		"letters in a row":                     {"klmnopqrstuvwxyz", []password.Rule{"common"}},
		"the temporary password":               {"kf7Rw-tqXz9_mPaB3sHe", []password.Rule{"same_as_temporary"}},
		"the temporary one in lower case":      {"kf7rw-tqxz9_mpab3she", []password.Rule{"same_as_temporary"}},
		"the temporary one and a little":       {"kf7Rw-tqXz9_mPaB3sHe2026!", []password.Rule{"same_as_temporary"}},
		"the temporary one and much":           {"kf7Rw-tqXz9_mPaB3sHe cavalo", nil},
		"the e-mail address":                   {"maria.silva@example.com", []password.Rule{"personal"}},
		"the e-mail address in upper case":     {"MARIA.SILVA@EXAMPLE.COM", []password.Rule{"personal"}},
		"its local part twice":                 {"maria.silvamaria.silva", []password.Rule{"personal"}},
		"its words in another order":           {"silva, maria!", []password.Rule{"personal"}},
		"its words and a year":                 {"Maria_Silva_1990", []password.Rule{"personal"}},
		"its words and five letters":           {"mariasilvamoura", []password.Rule{"personal"}},
		"its words and six letters":            {"mariasilvaaveiro", nil},
		"one of its words in a sentence":       {"a maria viu o cavalo", nil},
		"several at once":                      {" maria ", []password.Rule{"too_short", "edge_space", "personal"}},
		"short and common":                     {"aaaaaa", []password.Rule{"too_short", "common"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := password.Default().Check(tt.password, given); !slices.Equal(got, tt.want) {
				t.Errorf("Check(%.60q) = %q, want %q", tt.password, got, tt.want)
			}
		})
	}
}

// TestTemporaryPasswordOfMarks is one that an existing pool may have let through.
func TestTemporaryPasswordOfMarks(t *testing.T) {
	const marks = "!?#-_=+*;:,<"
	for temporary, want := range map[string][]password.Rule{marks: {password.SameAsTemporary}, "!?": nil, "a!": nil, "": nil} {
		if got := password.Default().Check(marks, password.Given{Temporary: temporary}); !slices.Equal(got, want) {
			t.Errorf("with the temporary password %q: %q, want %q", temporary, got, want)
		}
	}
	if got := password.Default().Check("a aaa-cavalo-bbb", password.Given{Temporary: "a!"}); got != nil {
		t.Errorf("with a temporary password of one letter: %q, want none broken", got)
	}
}

func TestCheckOfAPoolsOwnPolicy(t *testing.T) {
	all := password.Policy{MinLength: 14, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true}
	for name, tt := range map[string]struct {
		policy   password.Policy
		password string
		want     []password.Rule
	}{
		"all kinds":                    {all, "Cavalo-bateria7", nil},
		"no kind, too short":           {all, "áéíóúçãõâêôàü", []password.Rule{"too_short", "no_lowercase", "no_uppercase", "no_number", "no_symbol"}},
		"accented upper case":          {all, "Ávalo-bateria7", []password.Rule{"no_uppercase"}},
		"accented lower case":          {all, "CAVALO-BATERIÃ7á", []password.Rule{"no_lowercase"}},
		"digit of another script":      {all, "Cavalo-bateria٧", []password.Rule{"no_number"}},
		"symbol that is not Cognito's": {all, "Cavalo£bateria7", []password.Rule{"no_symbol"}},
		"space within is a symbol":     {all, "Cavalo bateria7", nil},
		"space at the end is none":     {all, "Cavalobateria7 ", []password.Rule{"edge_space", "no_symbol"}},
		"fewer characters than ours":   {password.Policy{MinLength: 6}, "uvh7e!kd0sx", []password.Rule{"too_short"}},
		"nothing asked":                {password.Policy{}, "uvh7e!kd0sx", []password.Rule{"too_short"}},
		"99 characters":                {password.Policy{MinLength: 99}, strings.Repeat("cavalo-b", 12) + "ca", []password.Rule{"too_short"}},
		"99 characters, there":         {password.Policy{MinLength: 99}, strings.Repeat("cavalo-b", 12) + "cav", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.policy.Check(tt.password, password.Given{}); !slices.Equal(got, tt.want) {
				t.Errorf("Check(%q) = %q, want %q", tt.password, got, tt.want)
			}
		})
	}
	for _, symbol := range "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-" {
		if got := all.Check("Cavalo7bateria"+string(symbol), password.Given{}); got != nil {
			t.Errorf("with the symbol %q: %q, want none broken", symbol, got)
		}
	}
}

// TestCheckTakesPasswordsAsTheyAre holds that of passwords that look alike each
// is let through: nothing is trimmed, folded or normalised into another.
func TestCheckTakesPasswordsAsTheyAre(t *testing.T) {
	for _, s := range []string{"Ação de graças", "Ac\u0327a\u0303o de grac\u0327as", "AÇÃO DE GRAÇAS", "ação  de graças", "ação\u00a0de graças"} {
		if got := password.Default().Check(s, password.Given{Temporary: "Graças a Deus, ação"}); got != nil {
			t.Errorf("Check(%q) = %q, want none broken", s, got)
		}
	}
}
