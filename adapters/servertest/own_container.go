package servertest

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// ownContainer is a server in a container. It goes by Docker's command, since testcontainers can neither kill nor freeze,
// and gives a container another port when it is started again.
type ownContainer struct {
	create []string
	id     string
}

// newContainer runs an image's command with ports published on this machine.
func newContainer(ports string, options []string, image string, command []string) *ownContainer {
	create := append([]string{"create", "--stop-signal", "SIGINT", "--publish", "127.0.0.1:" + ports}, options...)
	return &ownContainer{create: append(append(create, image), command...)}
}

// portOfContainer gives a port to publish; "" if Docker's command or its engine is not there.
func portOfContainer() (string, error) {
	if installed("docker", "") == "" || !engine() {
		return "", nil
	}
	return ownPort()
}

func docker(args ...string) (string, error) {
	out, err := exec.Command("docker", args...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("docker %s: %w: %s", args[0], err, failed.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

func (o *ownContainer) do(verb string) error {
	_, err := docker(verb, o.id)
	return err
}

func (o *ownContainer) begin() (<-chan struct{}, error) {
	if o.id == "" {
		id, err := docker(o.create...)
		if err != nil {
			return nil, err
		}
		o.id = id
	}
	if err := o.do("start"); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = o.do("wait")
	}()
	return ended, nil
}

func (o *ownContainer) stop() error   { return o.do("stop") }
func (o *ownContainer) kill() error   { return o.do("kill") }
func (o *ownContainer) freeze() error { return o.do("pause") }
func (o *ownContainer) thaw() error   { return o.do("unpause") }

func (o *ownContainer) leave() error {
	_, err := docker("rm", "--force", "--volumes", o.id)
	return err
}
