package mailer_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/extraordinary/provisioning/adapters/mailer"
	"github.com/extraordinary/provisioning/domain/fault"
	"github.com/extraordinary/provisioning/domain/mail"
)

func now() time.Time { return time.Date(2026, 11, 26, 14, 3, 0, 0, time.UTC) }

var letter = mail.Message{
	ID: "0190b000-0000-7000-8000-000000000001", To: "ann@example.com", Subject: "Grüße aus Wellington", Text: "Plain text.\n", HTML: "<p>Rich text.</p>\n",
	Attachment: &mail.File{Name: "expiry.ics", Type: "text/calendar", Content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
}

// read takes a mail apart: its header, and its parts by their type.
func read(t *testing.T, whole []byte) (netmail.Header, map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(whole))
	require.NoError(t, err)
	parts := map[string]string{}
	collect(t, m.Header.Get("Content-Type"), m.Body, parts)
	return m.Header, parts
}

func collect(t *testing.T, kind string, body io.Reader, parts map[string]string) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(kind)
	require.NoError(t, err)
	if !strings.HasPrefix(kind, "multipart/") {
		text, err := io.ReadAll(body)
		require.NoError(t, err)
		parts[kind] = string(text)
		return
	}
	for all := multipart.NewReader(body, parameters["boundary"]); ; {
		part, err := all.NextPart()
		if err == io.EOF {
			return
		}
		require.NoError(t, err)
		collect(t, part.Header.Get("Content-Type"), part, parts)
	}
}

func TestWithoutAMailServerEachMailIsAFileWithBothItsParts(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mail")
	var log bytes.Buffer
	files := mailer.Files{Folder: folder, From: "Extraordinary <no-reply@example.com>", Log: slog.New(slog.NewJSONHandler(&log, nil)), Now: now}
	require.NoError(t, files.Send(t.Context(), letter))
	file := filepath.Join(folder, letter.ID+".eml")
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	header, parts := read(t, whole)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	require.NoError(t, err)
	assert.Equal(t, letter.Subject, subject)
	assert.Equal(t, "<ann@example.com>", header.Get("To"))
	assert.Equal(t, "auto-generated", header.Get("Auto-Submitted"), "no out-of-office answers")
	assert.Contains(t, parts["text/plain"], "Plain text.")
	assert.Contains(t, parts["text/html"], "<p>Rich text.</p>")
	assert.NotEmpty(t, parts["text/calendar"])
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode(), "one-time links are for one person")
	assert.Contains(t, log.String(), letter.ID+".eml")
	assert.NotContains(t, log.String(), "ann@example.com")
}

// server is a mail server that answers RCPT with reply, and gives what it was sent.
func server(t *testing.T, reply string) (address string, got chan string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	got = make(chan string, 1)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go converse(c, reply, got)
		}
	}()
	return "smtp://" + listener.Addr().String(), got
}

func converse(c net.Conn, reply string, got chan<- string) {
	defer c.Close()
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	lines := bufio.NewScanner(c)
	for say("220 mail.example.com"); lines.Scan(); {
		switch verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " "); verb {
		case "RCPT":
			say(reply)
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for lines.Scan() && lines.Text() != "." {
				text.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\r\n")
			}
			got <- text.String()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 mail.example.com")
		}
	}
}

func TestAMailServerGetsTheMail(t *testing.T) {
	t.Parallel()
	address, got := server(t, "250 ok")
	smtp, err := mailer.NewSMTP(address, "no-reply@example.com", now)
	require.NoError(t, err)
	require.NoError(t, smtp.Send(t.Context(), letter))
	header, parts := read(t, []byte(<-got))
	assert.Equal(t, "<no-reply@example.com>", header.Get("From"))
	assert.Contains(t, parts["text/plain"], "Plain text.")
	assert.Len(t, parts, 3)
}

func TestARefusalForGoodIsToldFromOneForNow(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]fault.Kind{"550 no such mailbox": fault.Invalid, "451 later": fault.Unavailable} {
		address, _ := server(t, reply)
		smtp, err := mailer.NewSMTP(address, "no-reply@example.com", now)
		require.NoError(t, err)
		require.ErrorIs(t, smtp.Send(t.Context(), letter), want, reply)
	}
	gone, err := mailer.NewSMTP("smtp://127.0.0.1:1", "no-reply@example.com", now)
	require.NoError(t, err)
	require.ErrorIs(t, gone.Send(t.Context(), letter), fault.Unavailable)
	wrong := letter
	wrong.To = "nobody"
	require.ErrorIs(t, gone.Send(t.Context(), wrong), fault.Invalid)
}

func TestAPasswordIsInNoError(t *testing.T) {
	t.Parallel()
	smtp, err := mailer.NewSMTP("smtp://user:hunter2-hunter2@127.0.0.1:1", "no-reply@example.com", now)
	require.NoError(t, err)
	err = smtp.Send(t.Context(), letter)
	require.ErrorIs(t, err, fault.Unavailable)
	assert.NotContains(t, err.Error(), "hunter2")
}
