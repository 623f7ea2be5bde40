package local

import "github.com/pontte/portaria/local/cognito"

// invitation is that of template.yaml for the page at pageURL. The password is
// followed by no mark that could be taken for a part of it, and the link carries
// it in the fragment, which no server and no Referer ever sees.
func invitation(pageURL string) cognito.Invitation {
	return cognito.Invitation{
		EmailSubject: "Seu cadastro: escolha sua senha",
		EmailMessage: "<p>Olá!</p>\n" +
			"<p>Seu cadastro foi criado. Para entrar, escolha a sua senha:</p>\n" +
			"<p><a href=\"" + pageURL + "#u={username}&amp;c={####}\">Escolher minha senha</a></p>\n" +
			"<p>Se o botão não abrir, acesse " + pageURL + " e informe:</p>\n" +
			"<p>Usuário:<br>\n<code>{username}</code></p>\n" +
			"<p>Senha provisória:<br>\n<code>{####}</code></p>\n" +
			"<p>A senha provisória vale por 3 dias. Depois disso, peça outra na mesma página.</p>\n",
		SMSMessage: "Escolha sua senha: " + pageURL + "#u={username}&c={####}",
	}
}
