package servertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// leased becomes the server, and leaves a watchman behind, who kills it when the test process is gone, in whatever way:
// then its end of file 3 is closed. A line of text sends the watchman home. What was frozen must go on to notice its end.
const leased = `folder=$1; shift
watch() {
	read -r _ <&3 && return
	children=$(cat /proc/$$/task/$$/children)
	kill -9 $$
	kill -CONT $children
	sleep 1
	rm -rf "$folder"
}
(watch >/dev/null 2>&1 &)
exec "$@" 3<&-`

// ownProgram is a program of this machine, in a folder of its own.
type ownProgram struct {
	*program
	command []string
	process *exec.Cmd
	ended   chan struct{}
}

func (o *ownProgram) begin() (<-chan struct{}, error) {
	watched, lease, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer watched.Close()
	log, err := os.OpenFile(filepath.Join(o.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(err, lease.Close())
	}
	defer log.Close()
	server := exec.Command("sh", append([]string{"-c", leased, "sh", o.folder}, o.command...)...)
	server.SysProcAttr, server.Dir, server.ExtraFiles = o.as, o.folder, []*os.File{watched}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return nil, errors.Join(err, lease.Close())
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // how it ended is in its log
		_, _ = lease.WriteString("\n")
		_ = lease.Close()
		close(ended)
	}()
	o.process, o.ended = server, ended
	return ended, nil
}

func (o *ownProgram) end(how os.Signal) error {
	if err := o.process.Process.Signal(how); err != nil {
		return err
	}
	<-o.ended
	return nil
}

func (o *ownProgram) stop() error { return o.end(os.Interrupt) } // to Postgres: without waiting for who is connected
func (o *ownProgram) kill() error { return o.end(os.Kill) }

// freeze stops the first process before it looks for others, so that they do not become more.
func (o *ownProgram) freeze() error {
	pid := o.process.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	return o.others(syscall.SIGSTOP)
}

func (o *ownProgram) thaw() error {
	return errors.Join(o.others(syscall.SIGCONT), syscall.Kill(o.process.Process.Pid, syscall.SIGCONT))
}

// others sends a signal to the processes that the first one has made. Postgres puts each into a group of its own.
func (o *ownProgram) others(signal syscall.Signal) error {
	pid := o.process.Process.Pid
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return err
	}
	for word := range strings.FieldsSeq(string(list)) {
		child, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		if err := syscall.Kill(child, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// leave ends Postgres at once and yet with all its processes, so that none writes into the folder any more.
func (o *ownProgram) leave() error {
	if o.process != nil && o.process.Process.Signal(syscall.SIGQUIT) == nil {
		_ = o.thaw() // fails if it has ended already
		<-o.ended
	}
	return os.RemoveAll(o.folder)
}
