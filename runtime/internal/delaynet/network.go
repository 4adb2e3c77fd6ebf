// Package delaynet connects network namespaces with set delays, for tests. Every namespace has a TUN device whose packets this
// process forwards after the delay, so it needs no queueing discipline of the kernel, which many kernels lack.
package delaynet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Network is a set of namespaces.
type Network struct {
	t     testing.TB
	mutex sync.Mutex
	hosts map[netip.Addr]*Host
	delay func(from, to *Host) time.Duration
	// applied holds the latest delays.
	applied []appliedDelay
}

// appliedDelay is how long a packet really took, which on a busy machine is longer than set.
type appliedDelay struct {
	from, to *Host
	delay    time.Duration
}

// maxApplied is the number of applied delays that are kept.
const maxApplied = 2000

// Host is a namespace with one address.
type Host struct {
	Namespace string
	Address   netip.Addr
	device    *os.File
}

// New returns an empty network. It skips the test unless the process can create namespaces. The delay of each packet is what
// the function returns, which is called for one packet at a time; packets with a negative delay are lost.
func New(t testing.TB, delay func(from, to *Host) time.Duration) *Network {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need iproute2")
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		t.Skip("needs TUN devices, through which the network forwards packets: ", err)
	}
	// Root in a container may not create any.
	attempt := fmt.Sprintf("skerry-%d", os.Getpid())
	if output, err := exec.Command("ip", "netns", "add", attempt).CombinedOutput(); err != nil {
		t.Skipf("network namespaces cannot be created: %s", output)
	}
	if err := exec.Command("ip", "netns", "del", attempt).Run(); err != nil {
		t.Fatal(err)
	}
	return &Network{t: t, hosts: map[netip.Addr]*Host{}, delay: delay}
}

// SetDelay changes the delays.
func (n *Network) SetDelay(delay func(from, to *Host) time.Duration) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.delay, n.applied = delay, nil
}

// Applied returns the median of the latest applied delays between the hosts that match.
func (n *Network) Applied(match func(from, to *Host) bool) time.Duration {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	var delays []time.Duration
	for _, each := range n.applied {
		if match(each.from, each.to) {
			delays = append(delays, each.delay)
		}
	}
	if len(delays) == 0 {
		return 0
	}
	slices.Sort(delays)
	return delays[len(delays)/2]
}

// AddHost creates a namespace, which is deleted at the end of the test. At most 250 fit.
func (n *Network) AddHost() *Host {
	n.t.Helper()
	index := len(n.hosts) + 1
	host := &Host{Namespace: fmt.Sprintf("skerry-%d-%d", os.Getpid(), index), Address: netip.AddrFrom4([4]byte{10, 99, 0, byte(index)})}
	n.run("ip", "netns", "add", host.Namespace)
	n.t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", host.Namespace).Run() })
	n.run("ip", "-n", host.Namespace, "tuntap", "add", "dev", "eth0", "mode", "tun")
	n.run("ip", "-n", host.Namespace, "addr", "add", host.Address.String()+"/24", "dev", "eth0")
	n.run("ip", "-n", host.Namespace, "link", "set", "lo", "up")
	n.run("ip", "-n", host.Namespace, "link", "set", "eth0", "up")
	if err := In(host.Namespace, func() (err error) { host.device, err = attach("eth0"); return err }); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = host.device.Close() })
	n.mutex.Lock()
	n.hosts[host.Address] = host
	n.mutex.Unlock()
	go n.forward(host)
	return host
}

func (n *Network) run(name string, arguments ...string) {
	n.t.Helper()
	if output, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
		n.t.Fatalf("%s %v: %v\n%s", name, arguments, err, output)
	}
}

// Offsets in a header of IPv4.
const (
	versionOffset     = 0
	destinationOffset = 16
	headerSize        = 20
)

// forward delivers the packets of a host until its device is closed.
func (n *Network) forward(from *Host) {
	buffer := make([]byte, 1<<16)
	for {
		size, err := from.device.Read(buffer)
		if err != nil {
			return
		}
		if size < headerSize || buffer[versionOffset]>>4 != 4 {
			continue
		}
		n.mutex.Lock()
		to := n.hosts[netip.AddrFrom4([4]byte(buffer[destinationOffset:destinationOffset+4]))]
		delay := time.Duration(-1)
		if to != nil {
			delay = n.delay(from, to)
		}
		n.mutex.Unlock()
		if delay < 0 {
			continue
		}
		packet, received := append([]byte(nil), buffer[:size]...), time.Now()
		time.AfterFunc(delay, func() {
			_, _ = to.device.Write(packet)
			n.mutex.Lock()
			defer n.mutex.Unlock()
			n.applied = append(n.applied[max(0, len(n.applied)-maxApplied):], appliedDelay{from, to, time.Since(received)})
		})
	}
}

// Command returns a command that runs in a namespace, or in that of this process if the name is empty. Its process ID is that of
// the program.
func Command(namespace, program string, arguments ...string) *exec.Cmd {
	if namespace == "" {
		return exec.Command(program, arguments...)
	}
	return exec.Command("ip", append([]string{"netns", "exec", namespace, program}, arguments...)...)
}

// Dial connects from a namespace to an IP address.
func Dial(ctx context.Context, namespace, address string) (connection net.Conn, err error) {
	err = In(namespace, func() (err error) {
		connection, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
		return err
	})
	return connection, err
}

// In runs a function on a thread in a network namespace, or here if the name is empty. Sockets that it opens stay there.
func In(namespace string, run func() error) error {
	if namespace == "" {
		return run()
	}
	result := make(chan error)
	go func() {
		// The thread ends with its goroutine, because it is never unlocked.
		runtime.LockOSThread()
		result <- func() error {
			file, err := os.Open("/run/netns/" + namespace)
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }()
			if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return run()
		}()
	}()
	return <-result
}

// attach opens an existing TUN device of the thread's namespace.
func attach(name string) (*os.File, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return nil, err
	}
	// Packets without link-layer headers, and without the kernel's own.
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	descriptor, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.IoctlIfreq(descriptor, unix.TUNSETIFF, request); err != nil {
		_ = unix.Close(descriptor)
		return nil, err
	}
	return os.NewFile(uintptr(descriptor), "/dev/net/tun"), nil
}
