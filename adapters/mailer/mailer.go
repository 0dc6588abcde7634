// Package mailer sends mails: by SMTP, or, where no mail server is named, as files for whoever tries the service out.
package mailer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
)

// sendTime bounds one mail: a server that is silent for longer is asked again later.
const sendTime = 30 * time.Second

// compose writes a mail with both its parts and what is attached.
func compose(m mail.Message, from string, now time.Time) (*gomail.Msg, error) {
	composed := gomail.NewMsg()
	if err := composed.From(from); err != nil {
		return nil, fault.Wrap(fault.Invalid, err)
	}
	if err := composed.To(m.To); err != nil {
		return nil, fault.Wrap(fault.Invalid, err)
	}
	composed.Subject(m.Subject)
	composed.SetDateWithValue(now)
	composed.SetMessageIDWithValue(m.ID + "@extraordinary") // a second try has the same, so that a mailbox may show one
	composed.SetGenHeader(gomail.Header("Auto-Submitted"), "auto-generated")
	composed.SetBodyString(gomail.TypeTextPlain, m.Text)
	composed.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if m.Attachment != nil {
		file := []byte(m.Attachment.Content)
		composed.AttachReadSeeker(m.Attachment.Name, bytes.NewReader(file), gomail.WithFileContentType(gomail.ContentType(m.Attachment.Type)))
	}
	return composed, nil
}

// SMTP sends by a mail server.
type SMTP struct {
	client *gomail.Client
	from   string
	now    func() time.Time
}

// NewSMTP makes a Mailer of smtp://USER:PASSWORD@HOST:PORT, which speaks TLS if the server does, or smtps://, which does
// from the first byte. Without TLS, a password is sent to no server but this machine's.
func NewSMTP(address, from string, now func() time.Time) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the mail server's address is no URL")
	}
	options := []gomail.Option{gomail.WithTimeout(sendTime), gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	port := 587
	if u.Scheme == "smtps" {
		options, port = append(options, gomail.WithSSL()), 465
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("the mail server's port %s is no number", text)
		}
	}
	options = append(options, gomail.WithPort(port))
	if user := u.User.Username(); user != "" {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(user), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server's address cannot be used: %w", err)
	}
	return &SMTP{client, from, now}, nil
}

// Send is ports.Mailer's.
func (s *SMTP) Send(ctx context.Context, m mail.Message) error {
	composed, err := compose(m, s.from, s.now())
	if err != nil {
		return err
	}
	err = s.client.DialAndSendWithContext(ctx, composed)
	if err == nil {
		return nil
	}
	var refused *gomail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() >= 500 { // for good (RFC 5321 §4.2.1)
		return fault.Wrap(fault.Invalid, err)
	}
	return fault.Wrap(fault.Unavailable, err)
}

// Files writes each mail into a folder, as the mail server would have got it.
type Files struct {
	Folder string
	From   string
	Log    *slog.Logger
	Now    func() time.Time
}

// Send is ports.Mailer's.
func (f Files) Send(ctx context.Context, m mail.Message) error {
	composed, err := compose(m, f.From, f.Now())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Folder, 0o700); err != nil {
		return fault.Wrap(fault.Unavailable, err)
	}
	name := filepath.Join(f.Folder, m.ID+".eml")
	file, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // one-time links are in it
	if err != nil {
		return fault.Wrap(fault.Unavailable, err)
	}
	_, err = composed.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fault.Wrap(fault.Unavailable, err)
	}
	f.Log.InfoContext(ctx, "no mail server is set, so a mail was written to a file", "file", name)
	return nil
}
