package usage

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// machine is a fake procfs and sysfs.
type machine struct {
	t         testing.TB
	proc, sys string
	sampler   *Sampler
	now       time.Time
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	m := &machine{t: t, proc: t.TempDir(), sys: t.TempDir(), now: time.Now()}
	m.sampler = &Sampler{Proc: m.proc, Sys: m.sys}
	m.setCPU(0, 0, 0)
	m.setProc("meminfo", "MemTotal:        4000000 kB\nMemFree:          100000 kB\nMemAvailable:    3000000 kB\n")
	m.setDisk("mmcblk0", 0)
	m.setPort("eth0", 0, 0, "1000")
	return m
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) setProc(name, text string) { m.write(filepath.Join(m.proc, name), text) }
func (m *machine) setSys(name, text string)  { m.write(filepath.Join(m.sys, name), text) }

// setCPU sets the ticks of two cores.
func (m *machine) setCPU(user, idle, wait uint64) {
	m.setProc("stat", fmt.Sprintf("cpu  %d 0 0 %d %d 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\ncpu1 1 0 0 1 0 0 0 0 0 0\nintr 1\n", user, idle, wait))
}

// setDisk sets the busy time of a disk in ms, next to its partition and a loop device.
func (m *machine) setDisk(name string, busy uint64) {
	m.setSys("block/"+name+"/device/model", "x")
	m.setProc("diskstats", fmt.Sprintf("   7       0 loop0 1 0 8 9 0 0 0 0 0 99999 0\n 179       0 %s 10 0 80 5 10 0 80 5 0 %d 10\n 179       1 %sp1 10 0 80 5 10 0 80 5 0 88888 10\n", name, busy, name))
}

func (m *machine) setPort(name string, received, sent uint64, speed string) {
	folder := "class/net/" + name
	m.setSys(folder+"/device/vendor", "x")
	m.setSys(folder+"/operstate", "up\n")
	m.setSys(folder+"/statistics/rx_bytes", fmt.Sprintln(received))
	m.setSys(folder+"/statistics/tx_bytes", fmt.Sprintln(sent))
	m.setSys(folder+"/speed", speed+"\n")
}

// sample advances the clock and takes a sample.
func (m *machine) sample(after time.Duration) *Sample {
	m.t.Helper()
	m.now = m.now.Add(after)
	sample, _ := m.sampler.Sample(m.now, 0)
	return sample
}

// start takes the first reading.
func (m *machine) start() {
	m.t.Helper()
	if sample := m.sample(0); sample != nil {
		m.t.Fatalf("the first reading gave a sample: %+v", sample)
	}
}

func (m *machine) expect(name string, got, want float64) {
	m.t.Helper()
	if math.IsNaN(want) != math.IsNaN(got) || math.Abs(got-want) > 1e-6 {
		m.t.Errorf("%s: got %v, want %v", name, got, want)
	}
}
