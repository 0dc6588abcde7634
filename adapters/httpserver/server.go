// Package httpserver serves the HTTP adapters: it keeps what is common to all of them, from the socket to the router,
// and knows none of their protocols.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/extraordinary/provisioning/adapters/telemetry"
)

// The limits of a connection. A client that is slower or says more than this means no good.
const (
	headerTimeout   = 5 * time.Second
	readTimeout     = 15 * time.Second
	writeTimeout    = 30 * time.Second
	idleTimeout     = 60 * time.Second
	maxHeaderBytes  = 16 << 10 // net/http adds 4 KiB of its own before it answers 431
	shutdownTimeout = 25 * time.Second
)

// defaultInFlight keeps memory bounded: so many requests are parsed at once, each of at most its mount's size.
const defaultInFlight = 256

// Options is what a server is made of.
type Options struct {
	Address        string // HOST:PORT
	MetricsAddress string // HOST:PORT for /metrics alone; empty: at Address, for this machine alone
	PublicURL      string // if https, browsers are told to stay with it
	TrustedProxies []netip.Prefix
	Mounts         []Mount
	Ready          func(context.Context) error // nil error: requests can be served
	Telemetry      *telemetry.Telemetry
	Log            *slog.Logger     // over telemetry.LogHandler, so that each line has its trace and organisation
	Now            func() time.Time // for durations in the log
	ShutdownDelay  time.Duration    // between "not ready" and the end of the listener
	MaxInFlight    int              // requests served at once; 0: 256
}

// Server is an HTTP server that is made, then listens, then serves.
type Server struct {
	options   Options
	public    *http.Server
	metrics   *http.Server
	listeners []net.Listener
	draining  atomic.Bool
	unready   atomic.Bool // what the last probe was told, so that the log tells of changes alone
}

// New makes a server. It fails if the mounts contradict each other.
func New(o Options) (*Server, error) {
	if o.MaxInFlight == 0 {
		o.MaxInFlight = defaultInFlight
	}
	s := &Server{options: o}
	handler, err := s.handler()
	if err != nil {
		return nil, err
	}
	s.public = s.limited(handler)
	if o.MetricsAddress != "" {
		s.metrics = s.limited(s.headers(metricsAlone(o.Telemetry.Metrics())))
	}
	return s, nil
}

func (s *Server) limited(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		DisableGeneralOptionsHandler: true, // else OPTIONS * would be answered past our own handler
		ErrorLog:                     slog.NewLogLogger(connectionLog{s.options.Log.Handler()}, slog.LevelWarn),
	}
}

// Handler is the whole chain, for tests that need no socket.
func (s *Server) Handler() http.Handler { return s.public.Handler }

// Listen takes the addresses. Its error says in one line what to do.
func (s *Server) Listen(ctx context.Context) error {
	if err := s.listen(ctx, s.options.Address, "--listen"); err != nil {
		return err
	}
	if s.metrics == nil {
		return nil
	}
	if err := s.listen(ctx, s.options.MetricsAddress, "--metrics-listen"); err != nil {
		return errors.Join(err, s.listeners[0].Close())
	}
	return nil
}

func (s *Server) listen(ctx context.Context, address, flag string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use; stop the other process or choose another address with %s", address, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s may not be listened on by this user; choose a port above 1023 with %s", address, flag)
	case err != nil:
		return fmt.Errorf("%s cannot be listened on: %w; choose another address with %s", address, err, flag)
	}
	s.listeners = append(s.listeners, listener)
	return nil
}

// Address is where the server listens, with the port that was chosen if the options said 0.
func (s *Server) Address() string { return s.listeners[0].Addr().String() }

// MetricsAddress is where /metrics alone is served, or empty.
func (s *Server) MetricsAddress() string {
	if s.metrics == nil {
		return ""
	}
	return s.listeners[1].Addr().String()
}

// Serve serves until ctx is done. It then says "not ready", goes on for the shutdown delay so that load balancers
// notice, lets requests end for up to 25 seconds, and returns nil if all of them could.
func (s *Server) Serve(ctx context.Context) error {
	broken := make(chan error, len(s.listeners))
	// Requests outlive ctx: they end in their own time, below.
	requests := func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	for i, server := range s.servers() {
		server.BaseContext = requests
		go func() { broken <- server.Serve(s.listeners[i]) }()
	}
	select {
	case err := <-broken:
		return errors.Join(fmt.Errorf("serve: %w", err), s.stop(ctx))
	case <-ctx.Done():
	}
	s.draining.Store(true)
	select {
	case err := <-broken:
		return errors.Join(fmt.Errorf("serve while draining: %w", err), s.stop(ctx))
	case <-time.After(s.options.ShutdownDelay):
	}
	return s.stop(ctx)
}

func (s *Server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	var faults []error
	for _, server := range s.servers() {
		if err := server.Shutdown(ctx); err != nil {
			faults = append(faults, fmt.Errorf("requests were cut off after %s: %w", shutdownTimeout, err), server.Close())
		}
	}
	return errors.Join(faults...)
}

func (s *Server) servers() []*http.Server {
	if s.metrics == nil {
		return []*http.Server{s.public}
	}
	return []*http.Server{s.public, s.metrics}
}
