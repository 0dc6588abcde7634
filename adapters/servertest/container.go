package servertest

import (
	"context"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/testcontainers/testcontainers-go"
)

// container starts an image in a Docker engine and gives the address of its port; "" if there is no engine. Its end
// is Docker's business (testcontainers' reaper, or CI, which stops the engine).
func container(image, port string, options ...testcontainers.ContainerCustomizer) (address string, err error) {
	if !engine() {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // an image may have to be pulled
	defer cancel()
	started, err := testcontainers.Run(ctx, image, append(options, testcontainers.WithExposedPorts(port))...)
	if err != nil {
		return "", err
	}
	return started.PortEndpoint(ctx, port, "")
}

// engine reports whether a Docker engine listens where DOCKER_HOST says, or at the usual place.
func engine() bool {
	network, address := "unix", "/var/run/docker.sock"
	if host, err := url.Parse(os.Getenv("DOCKER_HOST")); err == nil && host.Scheme != "" {
		network, address = host.Scheme, host.Host+host.Path
	}
	connection, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}
