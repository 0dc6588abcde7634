package main

import (
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
)

// wire carries connections to a server, and loses answers: what was asked for is done, and nobody learns of it.
type wire struct {
	target string
	losses atomic.Int64
}

// newWire gives the wire that leads where a URL points, and the URL of its near end.
func newWire(t *testing.T, to string) (w *wire, near string) {
	t.Helper()
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	w = &wire{target: at.Host}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(connection)
		}
	}()
	at.Host = listener.Addr().String()
	return w, at.String()
}

// lose cuts each connection as soon as its next answer comes. Those that are opened later are whole.
func (w *wire) lose() { w.losses.Add(1) }

func (w *wire) carry(client net.Conn) {
	defer client.Close()
	losses := w.losses.Load()
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		server.Close() // and so end the answers
	}()
	answer := make([]byte, 64<<10)
	for {
		n, err := server.Read(answer)
		if err != nil || w.losses.Load() != losses {
			return
		}
		if _, err := client.Write(answer[:n]); err != nil {
			return
		}
	}
}
