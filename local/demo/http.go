package demo

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// playHTTP is the second half of the story: another person, p, by the HTTP API.
func (s *story) playHTTP(p Person) {
	other, wrong := p, p
	other.Email, other.CPF = "outra."+p.Email, spelled(p.CPF)
	wrong.CPF = lastDigitWrong(p.CPF)
	s.line("POST /users: register by HTTP", "201 created", s.register(p))
	s.line("POST /users: the same again", "200 created already", s.register(p))
	s.line("POST /users: the same CPF, another e-mail", "409 cpf_taken", s.register(other))
	s.line("POST /users: last digit of the CPF wrong", "422 invalid_fields /cpf", s.register(wrong))
	userName, temporary, got := s.followLink(p)
	s.line("the mailbox: an e-mail with a link to the page", "arrived", got)
	s.line("GET /nova-senha: the page of the link", "200", s.page())
	const chosen = "outra frase nova e comprida"
	s.line("POST /password: a wrong temporary password", "401 invalid_credentials", s.post("/password", passwordBody(userName, temporary+"x", chosen)))
	s.line("POST /password: the right one", "204", s.post("/password", passwordBody(userName, temporary, chosen)))
	s.line("the user's status", "CONFIRMED", s.status(Person{UserName: p.Email}))
	s.line("sign in with the new password", "signed in", s.signIn(Person{UserName: p.Email}, chosen))
}

func passwordBody(userName, temporary, chosen string) map[string]any {
	return map[string]any{"username": userName, "temporaryPassword": temporary, "newPassword": chosen}
}

func (s *story) register(p Person) string {
	data := validationData()
	return s.post("/users", map[string]any{
		"email": p.Email, "phoneNumber": p.PhoneNumber, "cpf": p.CPF, "trackCode": data["trackCode"],
		"simulation": map[string]any{
			"id": data["simulationId"], "loanValue": data["loanValue"], "term": data["term"], "installment": data["installment"],
			"loanValueSelected": data["loanValueSelected"], "phone": data["phone"],
		},
	})
}

// post tells the status of the answer, and of its body what matters.
func (s *story) post(path string, body any) string {
	text, err := json.Marshal(body)
	if err != nil {
		return err.Error()
	}
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.API+path, strings.NewReader(string(text)))
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	status, answer, err := send(request)
	if err != nil {
		return err.Error()
	}
	var told struct {
		Created *bool
		Code    string
		Errors  []struct{ Pointer string }
	}
	if len(answer) > 0 && json.Unmarshal(answer, &told) != nil {
		return fmt.Sprintf("%d, and no JSON", status)
	}
	words := []string{fmt.Sprint(status)}
	switch {
	case told.Created != nil && *told.Created:
		words = append(words, "created")
	case told.Created != nil:
		words = append(words, "created already")
	case told.Code != "":
		words = append(words, told.Code)
	}
	for _, e := range told.Errors {
		words = append(words, e.Pointer)
	}
	return strings.Join(words, " ")
}

func (s *story) page() string {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.API+"/nova-senha", nil)
	if err != nil {
		return err.Error()
	}
	status, _, err := send(request)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(status)
}

func send(request *http.Request) (status int, body []byte, err error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// followLink splits the link of p's newest e-mail as the page does.
func (s *story) followLink(p Person) (userName, temporary, got string) {
	body, err := s.Mailbox(s.ctx, p.Email)
	if err != nil {
		return "", "", err.Error()
	}
	link := regexp.MustCompile(`href="[^"#]*#u=([^"]*)"`).FindStringSubmatch(body)
	if link == nil {
		return "", "", "an e-mail without a link"
	}
	fragment := html.UnescapeString(link[1])
	at := strings.LastIndex(fragment, "&c=")
	if at < 0 {
		return "", "", "a link without a temporary password"
	}
	return fragment[:at], fragment[at+len("&c="):], "arrived"
}
