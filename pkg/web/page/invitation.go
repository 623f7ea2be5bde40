package page

import (
	"html"
	"strconv"
)

// Invitation is what Cognito sends with a temporary password: its own message
// template, in which it replaces {username} and {####}.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-message-customizations.html
type Invitation struct {
	EmailSubject string
	EmailMessage string // HTML
	SMSMessage   string
}

// NewInvitation is the invitation of template.yaml, for the page at pageURL and a
// pool whose temporary passwords are valid that many days. The password is
// followed by no mark that could be taken for a part of it, and the link carries
// it in the fragment, which no server and no Referer ever sees.
func NewInvitation(pageURL string, days int) Invitation {
	address := html.EscapeString(pageURL)
	return Invitation{
		EmailSubject: "Seu cadastro: escolha sua senha",
		EmailMessage: "<p>Olá!</p>\n" +
			"<p>Seu cadastro foi criado. Para entrar, escolha a sua senha:</p>\n" +
			"<p><a href=\"" + address + "#u={username}&amp;c={####}\">Escolher minha senha</a></p>\n" +
			"<p>Se o botão não abrir, acesse " + address + " e informe:</p>\n" +
			"<p>Usuário:<br>\n<code>{username}</code></p>\n" +
			"<p>Senha provisória:<br>\n<code>{####}</code></p>\n" +
			"<p>A senha provisória vale por " + validity(days) + ". Depois disso, peça outra na mesma página.</p>\n",
		SMSMessage: "Escolha sua senha: " + pageURL + "#u={username}&c={####}",
	}
}

func validity(days int) string {
	if days == 1 {
		return "1 dia"
	}
	return strconv.Itoa(days) + " dias"
}
