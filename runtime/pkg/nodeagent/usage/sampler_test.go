package usage

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSampleMeasuresTheWindow(t *testing.T) {
	m := newMachine(t)
	m.start()
	m.setCPU(1500, 4000, 500)
	m.setDisk("mmcblk0", 7500)
	m.setPort("eth0", 3e8, 1e8, "1000")
	m.setPort("wlan0", 0, 0, "-1")
	m.setSys("class/net/cni0/statistics/rx_bytes", "999999999999")
	sample := m.sample(30 * time.Second)
	m.expect("CPU", sample.CPU, 25)
	m.expect("memory", sample.Memory, 25)
	m.expect("I/O", sample.IO, 25)
	// 3e8 bytes in 30 s are 80 Mbit/s.
	m.expect("network", sample.Network, 8)
	if sample.Window != 30*time.Second || !sample.Time.Equal(m.now) {
		t.Errorf("got %v at %v", sample.Window, sample.Time)
	}
	_, hardware := m.sampler.Sample(m.now.Add(time.Minute), 0)
	if hardware != (Hardware{Cores: 2, MemoryBytes: 4.096e9, LinkMbps: 1000}) {
		t.Errorf("hardware: got %+v", hardware)
	}
}

func TestADeclaredBandwidthReplacesTheLinkSpeed(t *testing.T) {
	m := newMachine(t)
	m.setPort("eth0", 0, 0, "-1")
	m.start()
	m.setPort("eth0", 3e8, 0, "-1")
	m.expect("without a speed", m.sample(30*time.Second).Network, math.NaN())
	m.setPort("eth0", 6e8, 0, "-1")
	sample, _ := m.sampler.Sample(m.now.Add(30*time.Second), 100)
	m.expect("of 100 Mbit/s", sample.Network, 80)
}

func TestCountersOf32BitsWrap(t *testing.T) {
	m := newMachine(t)
	m.setDisk("mmcblk0", math.MaxUint32-999)
	m.setPort("eth0", math.MaxUint32-1e8+1, 0, "1000")
	m.start()
	m.setDisk("mmcblk0", 2000)
	m.setPort("eth0", 2e8, 0, "1000")
	sample := m.sample(30 * time.Second)
	m.expect("I/O", sample.IO, 10)
	m.expect("network", sample.Network, 8)
}

func TestCountersThatRestartAreUnknownForOneSample(t *testing.T) {
	m := newMachine(t)
	m.setCPU(1e6, 1e6, 0)
	m.setDisk("mmcblk0", 1e6)
	m.setPort("eth0", 1e12, 1e12, "1000")
	m.start()
	m.setCPU(10, 10, 0)
	m.setDisk("mmcblk0", 10)
	m.setPort("eth0", 10, 10, "1000")
	sample := m.sample(30 * time.Second)
	m.expect("CPU", sample.CPU, math.NaN())
	m.expect("I/O", sample.IO, math.NaN())
	m.expect("network", sample.Network, math.NaN())
	m.expect("memory", sample.Memory, 25)
	m.setCPU(1510, 1510, 0)
	m.setDisk("mmcblk0", 3010)
	sample = m.sample(30 * time.Second)
	m.expect("CPU afterwards", sample.CPU, 50)
	m.expect("I/O afterwards", sample.IO, 10)
}

func TestAMissingDiskIsLeftOut(t *testing.T) {
	m := newMachine(t)
	m.start()
	m.setProc("diskstats", "")
	m.expect("without a disk", m.sample(30*time.Second).IO, math.NaN())
	m.setDisk("sda", 5000)
	m.expect("with a new disk", m.sample(30*time.Second).IO, math.NaN())
	m.setDisk("sda", 8000)
	m.expect("with its second reading", m.sample(30*time.Second).IO, 10)
	if err := os.Remove(filepath.Join(m.proc, "diskstats")); err != nil {
		t.Fatal(err)
	}
	m.expect("without the file", m.sample(30*time.Second).IO, math.NaN())
}

func TestAFrozenClockGivesNoSample(t *testing.T) {
	m := newMachine(t)
	m.start()
	m.setCPU(600, 600, 0)
	for range 3 {
		if sample := m.sample(0); sample != nil {
			t.Fatalf("got a sample of a window of %v", sample.Window)
		}
	}
	m.setCPU(1500, 4500, 0)
	m.setDisk("mmcblk0", 3000)
	sample := m.sample(30 * time.Second)
	m.expect("CPU of the whole time", sample.CPU, 25)
	m.expect("I/O of the whole time", sample.IO, 10)
}

func TestASuspendedNodeGivesNoSample(t *testing.T) {
	m := newMachine(t)
	m.start()
	for _, jump := range []time.Duration{25 * time.Hour, -time.Hour} {
		if sample := m.sample(jump); sample != nil {
			t.Errorf("after %v: got a sample of %v", jump, sample.Window)
		}
	}
	if m.sample(30*time.Second) == nil {
		t.Error("got no sample afterwards")
	}
}

func TestUnreadableFilesLeaveValuesUnknown(t *testing.T) {
	sampler := &Sampler{Proc: t.TempDir(), Sys: t.TempDir()}
	now := time.Now()
	sampler.Sample(now, 0)
	sample, hardware := sampler.Sample(now.Add(time.Minute), 0)
	for name, value := range map[string]float64{"CPU": sample.CPU, "memory": sample.Memory, "I/O": sample.IO, "network": sample.Network} {
		if !math.IsNaN(value) {
			t.Errorf("%s: got %v", name, value)
		}
	}
	if hardware != (Hardware{}) || sample.Pods != nil {
		t.Errorf("got %+v and %+v", hardware, sample.Pods)
	}
}

func TestIncreaseIsNeverMoreThanPlausible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := rapid.Uint64().Draw(t, "before"), rapid.Uint64().Draw(t, "after")
		limit := rapid.Float64Range(1, 1e12).Draw(t, "limit")
		if grown, known := increase(before, after, limit); known && !(grown >= 0 && grown <= limit) {
			t.Fatalf("got %v, limit %v", grown, limit)
		}
		if _, known := increase(before, after, 0); known != (after >= before) {
			t.Fatalf("without a limit: known %v", known)
		}
		true32 := rapid.Uint64Range(0, math.MaxUint32-1).Draw(t, "growth")
		if low := before & math.MaxUint32; float64(true32) <= limit {
			if grown, known := increase(low, (low+true32)&math.MaxUint32, limit); !known || grown != float64(true32) {
				t.Fatalf("32 bits: got %v %v, want %v", grown, known, true32)
			}
		}
	})
}

func FuzzFiles(f *testing.F) {
	f.Add("cpu  1 2 3 4 5 6 7 8 9 0\ncpu0 1 2 3 4\n", "MemTotal: 1 kB\nMemAvailable: 2 kB\n", " 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n")
	f.Fuzz(func(t *testing.T, stat, meminfo, diskstats string) {
		m := newMachine(t)
		m.start()
		m.setProc("stat", stat)
		m.setProc("meminfo", meminfo)
		m.setProc("diskstats", diskstats)
		sample := m.sample(30 * time.Second)
		for _, value := range []float64{sample.CPU, sample.Memory, sample.IO} {
			if value < 0 || value > 100 {
				t.Errorf("got %+v", sample)
			}
		}
	})
}
