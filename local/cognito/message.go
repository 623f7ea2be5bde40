package cognito

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// The media of a Message.
const (
	MediumEmail = "EMAIL"
	MediumSMS   = "SMS"
)

// passwordMark stands for the temporary password in an invitation.
const passwordMark = "{####}"

// Message is what a pool sends to one person by one medium.
type Message struct {
	Medium   string // MediumEmail or MediumSMS
	To       string // e-mail address or phone number
	Subject  string // empty for SMS
	Body     string
	At       time.Time
	UserName string
	PoolID   string
}

// Mailer carries messages. Any error becomes CodeDeliveryFailureException; the
// user that the message was for exists all the same, as in Cognito.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// discard is the Mailer that delivers nowhere.
type discard struct{}

func (discard) Send(context.Context, Message) error { return nil }

// invitee is who gets an invitation, as of the moment of the request.
type invitee struct {
	pool       *pool
	settings   *poolInput
	name       string
	attributes map[string]string
}

// invite sends the invitation by each of the media for which the invitee has an
// address; without media it is SMS. A text without {####} is not sent, as
// Cognito does not deliver one. Every medium is tried before the first error
// comes back.
func (s *Service) invite(ctx context.Context, to invitee, temporary string, media []deliveryMedium) error {
	if len(media) == 0 {
		media = []deliveryMedium{MediumSMS}
	}
	var failure error
	for _, medium := range slices.Compact(slices.Sorted(slices.Values(media))) {
		m, ok := to.message(medium, temporary)
		if !ok {
			continue
		}
		m.At = s.config.Now()
		if err := s.config.Mailer.Send(ctx, m); err != nil && failure == nil {
			failure = refuse(codeDeliveryFailure, "Failed to deliver the invitation by %s: %v", medium, err)
		}
	}
	return failure
}

// message returns the invitation for one medium, and whether there is one.
func (to invitee) message(medium deliveryMedium, temporary string) (Message, bool) {
	template := to.template()
	m := Message{Medium: string(medium), UserName: to.name, PoolID: to.pool.id}
	switch medium {
	case MediumEmail:
		m.To = to.attributes["email"]
		m.Subject = string(template.EmailSubject)
		m.Body = string(template.EmailMessage)
	case MediumSMS:
		m.To = to.attributes["phone_number"]
		m.Body = string(template.SMSMessage)
	}
	sent := m.To != "" && strings.Contains(m.Body, passwordMark)
	m.Body = strings.NewReplacer("{username}", to.signInName(), passwordMark, temporary).Replace(m.Body)
	return m, sent
}

// template returns the pool's invitation with Cognito's texts where it has none.
func (to invitee) template() inviteTemplate {
	var template inviteTemplate
	if set := to.settings.AdminCreateUserConfig.InviteMessageTemplate; set != nil {
		template = *set
	}
	template.EmailSubject = cmp.Or(template.EmailSubject, "Your temporary password")
	template.EmailMessage = cmp.Or(template.EmailMessage, "Your username is {username} and temporary password is {####}.")
	template.SMSMessage = cmp.Or(template.SMSMessage, "Your username is {username} and temporary password is {####}.")
	return template
}

// signInName is what people type as their user name: never the UUID.
func (to invitee) signInName() string {
	for _, name := range to.pool.usernameAttributes {
		if value := to.attributes[string(name)]; value != "" {
			return value
		}
	}
	return to.name
}
