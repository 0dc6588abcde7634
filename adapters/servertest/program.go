package servertest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// watched runs a server for as long as the test process lives: when that is gone, in whatever way, its end of the
// shell's standard input is too.
const watched = `folder=$1; shift
"$@" >"$folder/log" 2>&1 </dev/null &
server=$!
while read -r _; do :; done
kill -INT $server; wait $server
rm -rf "$folder"`

// program is a server that was started here.
type program struct {
	folder string
	as     *syscall.SysProcAttr
	lease  io.Closer // held, never closed
}

// running keeps the programs from being collected, and their leases from ending.
var running sync.Map

// newProgram makes a folder of its own, not that of a test, for the server outlives the test that asked first. A
// server that refuses to run as root runs as owner.
func newProgram(name, owner string) (*program, error) {
	folder, err := os.MkdirTemp("", "extraordinary-"+name+"-")
	if err != nil {
		return nil, err
	}
	p := &program{folder: folder, as: &syscall.SysProcAttr{Setsid: true}} // an interrupt at the keyboard is not for it
	if os.Getuid() != 0 {
		return p, nil
	}
	account, err := user.Lookup(owner)
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	p.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return p, errors.Join(err1, err2, os.Chown(folder, int(uid), int(gid)))
}

// do runs a command to its end.
func (p *program) do(command string, args ...string) error {
	c := exec.Command(command, args...)
	c.SysProcAttr, c.Dir = p.as, p.folder
	if output, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, output)
	}
	return nil
}

// start starts the server and waits until it answers.
func (p *program) start(answers func() error, command string, args ...string) (err error) {
	shell := exec.Command("sh", append([]string{"-c", watched, "sh", p.folder, command}, args...)...)
	shell.SysProcAttr, shell.Dir = p.as, p.folder
	if p.lease, err = shell.StdinPipe(); err != nil {
		return err
	}
	if err := shell.Start(); err != nil {
		return err
	}
	running.Store(p.folder, p)
	for range 400 {
		if err = answers(); err == nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(p.folder, "log"))
	return fmt.Errorf("%s does not answer: %w; its log: %s", command, err, log)
}

// installed finds a program where Debian puts those of which several versions may be there, or else in PATH.
func installed(name, debian string) string {
	versions, _ := filepath.Glob(filepath.Join(debian, name))
	if len(versions) > 0 {
		return versions[len(versions)-1]
	}
	found, _ := exec.LookPath(name)
	return found
}

// freePort gives a port that nobody listens at, yet.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}
