package servertest

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// Server is a server of a test's own, which the test may stop, freeze and kill. Its address and its data stay.
type Server struct {
	URL     string // for Postgres, of a superuser
	t       testing.TB
	machine machine
	answers func() error
}

// machine is where a server runs. begun is closed when what begin has started has ended.
type machine interface {
	begin() (ended <-chan struct{}, err error)
	stop() error
	kill() error
	freeze() error
	thaw() error
	leave() error // ends all, whatever it is in
}

// patience is how long a server may take to be there again: Postgres reads its log first.
const patience = 30 * time.Second

// newServer starts a server on m, which ends with t.
func newServer(t testing.TB, url string, m machine, answers func() error) *Server {
	t.Helper()
	s := &Server{URL: url, t: t, machine: m, answers: answers}
	t.Cleanup(func() { s.check("end", m.leave()) })
	s.Start()
	return s
}

// Start starts s again, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		ended, err := s.machine.begin()
		s.check("start", err)
		for waiting := true; waiting; {
			if err = s.answers(); err == nil {
				return
			}
			select {
			case <-ended: // Postgres does not begin while a process of the one that was killed is still there
				waiting = false
			case <-timeout:
				s.t.Fatalf("the server does not answer: %v", err)
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

// Stop ends s in order.
func (s *Server) Stop() { s.t.Helper(); s.check("stop", s.machine.stop()) }

// Kill ends s by SIGKILL.
func (s *Server) Kill() { s.t.Helper(); s.check("kill", s.machine.kill()) }

// Freeze makes s do nothing and answer nothing, by SIGSTOP to all its processes. Its connections stay open, and the
// system accepts new ones in its name.
func (s *Server) Freeze() { s.t.Helper(); s.check("freeze", s.machine.freeze()) }

// Thaw lets s go on after Freeze.
func (s *Server) Thaw() { s.t.Helper(); s.check("thaw", s.machine.thaw()) }

func (s *Server) check(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s a server: %v", what, err)
	}
}

// ownPorts is how many ports this process has looked at.
var ownPorts atomic.Int64

// ownPort gives a port that nobody listens at, from below those that systems give to whoever does not care, so that
// nobody else gets it while its server is down.
func ownPort() (string, error) {
	for range 1000 {
		port := strconv.FormatInt(20000+(int64(os.Getpid())*16+ownPorts.Add(1))%10000, 10)
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			return port, listener.Close()
		}
	}
	return "", fmt.Errorf("no port from 20000 to 30000 is free")
}
