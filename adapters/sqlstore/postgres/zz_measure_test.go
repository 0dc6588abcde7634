package postgres_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func cpuOurs() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(0, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func cpuPG() time.Duration {
	pid := os.Getenv("PGPID")
	out, _ := exec.Command("pgrep", "-P", pid).Output()
	var sum int64
	for _, p := range append(strings.Fields(string(out)), pid) {
		b, err := os.ReadFile("/proc/" + p + "/stat")
		if err != nil {
			continue
		}
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+2:]))
		u, _ := strconv.ParseInt(f[11], 10, 64)
		s, _ := strconv.ParseInt(f[12], 10, 64)
		sum += u + s
	}
	return time.Duration(sum) * 10 * time.Millisecond
}

func report(b *testing.B, fn func()) {
	o, p := cpuOurs(), cpuPG()
	fn()
	b.ReportMetric(float64((cpuOurs()-o).Microseconds())/float64(b.N), "our-µs")
	b.ReportMetric(float64((cpuPG()-p).Microseconds())/float64(b.N), "pg-µs")
}
