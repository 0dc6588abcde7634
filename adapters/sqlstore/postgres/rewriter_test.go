package postgres_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// predicate is how a statement says that it wants the rows of one organisation. Where two tables are joined by it, it
// names a column and no value, and stays.
var predicate = regexp.MustCompile(`(?:"?\w+"?\.)?"?\borganisation_id"? = (\$\d+|'[^']*')`)

// looser finds what predicate may have overlooked.
var looser = regexp.MustCompile(`(?i)organisation_id"?\s*(=|IN|<>|IS)\s*[('$]`)

// rewriter stands between a store and Postgres and takes the predicate out of each statement, whoever wrote it: it reads
// what is sent (https://www.postgresql.org/docs/current/protocol-message-formats.html).
type rewriter struct {
	url string // by which Postgres is reached through it

	mu        sync.Mutex
	rewritten []string // as they were before
	kept      []string
}

func newRewriter(t *testing.T, to string) *rewriter {
	t.Helper()
	r := &rewriter{}
	at := between(t, to, r.join)
	// Every statement is sent as text each time, and none by the name of one that was prepared before.
	at.RawQuery = url.Values{"sslmode": {"disable"}, "default_query_exec_mode": {"describe_exec"}}.Encode()
	r.url = at.String()
	return r
}

func (r *rewriter) join(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	from := bufio.NewReader(client)
	for head := 4; ; head = 5 { // the first message has no type
		message, err := read(from, head)
		if err != nil {
			return
		}
		if head == 5 {
			message = r.rewrite(message)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// read gives one message, whose head ends with the length of what follows the type.
func read(from io.Reader, head int) ([]byte, error) {
	message := make([]byte, head)
	if _, err := io.ReadFull(from, message); err != nil {
		return nil, err
	}
	rest := make([]byte, binary.BigEndian.Uint32(message[head-4:])-4)
	_, err := io.ReadFull(from, rest)
	return append(message, rest...), err
}

// rewrite changes Parse, whose text follows a name, and Query.
func (r *rewriter) rewrite(message []byte) []byte {
	start := 5
	switch message[0] {
	case 'P':
		start += bytes.IndexByte(message[5:], 0) + 1
	case 'Q':
	default:
		return message
	}
	end := start + bytes.IndexByte(message[start:], 0)
	before := string(message[start:end])
	after := predicate.ReplaceAllString(before, "$1::text IS NOT NULL")
	r.mu.Lock()
	defer r.mu.Unlock()
	if after == before {
		r.kept = append(r.kept, before)
		return message
	}
	r.rewritten = append(r.rewritten, before)
	changed := append([]byte(string(message[:start])+after), message[end:]...)
	binary.BigEndian.PutUint32(changed[1:], uint32(len(changed)-1))
	return changed
}

// sent gives the statements since the last time.
func (r *rewriter) sent() (rewritten, kept []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rewritten, kept = r.rewritten, r.kept
	r.rewritten, r.kept = nil, nil
	return rewritten, kept
}

// wants reports whether text reads or changes rows that are there. What only adds some names the organisation as a value.
func wants(text string) bool {
	for _, verb := range []string{"SELECT", "UPDATE", "DELETE", "WITH"} {
		if strings.HasPrefix(text, verb) && !strings.Contains(text, "set_config(") {
			return true
		}
	}
	return strings.Contains(text, "SELECT ") && strings.HasPrefix(text, "INSERT")
}
