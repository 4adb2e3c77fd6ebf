package usage

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

const (
	guaranteed = "0a1b2c3d-0000-4000-8000-000000000001"
	burstable  = "0a1b2c3d-0000-4000-8000-000000000002"
)

// layouts are the control groups of two pods, by version and driver. Each writes the CPU time in ms and the memory in MiB.
var layouts = map[string]func(m *machine, first, second [2]uint64){
	"version 2, systemd": func(m *machine, first, second [2]uint64) {
		m.setSys("fs/cgroup/cgroup.controllers", "cpu memory\n")
		m.setV2("kubepods.slice/kubepods-pod0a1b2c3d_0000_4000_8000_000000000001.slice", first)
		m.setV2("kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_0000_4000_8000_000000000002.slice", second)
	},
	"version 2, cgroupfs": func(m *machine, first, second [2]uint64) {
		m.setSys("fs/cgroup/cgroup.controllers", "cpu memory\n")
		m.setV2("kubepods/pod"+guaranteed, first)
		m.setV2("kubepods/burstable/pod"+burstable, second)
		m.setV2("kubepods/burstable/other", second)
		// The containers of a pod are part of it.
		m.setV2("kubepods/burstable/pod"+burstable+"/container", second)
	},
	"version 1, cgroupfs": func(m *machine, first, second [2]uint64) {
		m.setV1("kubepods/pod"+guaranteed, first)
		m.setV1("kubepods/besteffort/pod"+burstable, second)
	},
}

func (m *machine) setV2(folder string, usage [2]uint64) {
	m.setSys("fs/cgroup/"+folder+"/cpu.stat", fmt.Sprintf("usage_usec %d\nuser_usec 1\n", usage[0]*1e3))
	m.setSys("fs/cgroup/"+folder+"/memory.current", fmt.Sprintln((usage[1]+1)<<20))
	m.setSys("fs/cgroup/"+folder+"/memory.stat", fmt.Sprintf("anon 1\ninactive_file %d\n", 1<<20))
}

func (m *machine) setV1(folder string, usage [2]uint64) {
	m.setSys("fs/cgroup/cpu,cpuacct/"+folder+"/cpuacct.usage", fmt.Sprintln(usage[0]*1e6))
	m.setSys("fs/cgroup/memory/"+folder+"/memory.usage_in_bytes", fmt.Sprintln((usage[1]+1)<<20))
	m.setSys("fs/cgroup/memory/"+folder+"/memory.stat", fmt.Sprintf("inactive_file 7\ntotal_inactive_file %d\n", 1<<20))
}

func TestPodsAreMeasuredInEveryLayout(t *testing.T) {
	for name, set := range layouts {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			set(m, [2]uint64{1000, 10}, [2]uint64{500, 5})
			m.start()
			set(m, [2]uint64{1000 + 15_000, 20}, [2]uint64{500, 6})
			want := []PodUsage{{guaranteed, 0.5, 20 << 20}, {burstable, 0, 6 << 20}}
			if got := m.sample(30 * time.Second).Pods; !slices.Equal(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			// A counter that restarts belongs to a control group that was created again.
			set(m, [2]uint64{10, 20}, [2]uint64{500, 6})
			if got := m.sample(30 * time.Second).Pods; len(got) != 1 || got[0].UID != burstable {
				t.Errorf("after a restart: got %+v", got)
			}
		})
	}
}
