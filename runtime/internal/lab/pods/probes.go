package pods

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// checks follow one probe: how often in a row it has passed or failed.
type checks struct {
	probe          *corev1.Probe
	passed, failed int32
	next           time.Time
}

func (c *checks) restart(now time.Time) {
	c.passed, c.failed = 0, 0
	if c.probe != nil {
		c.next = now.Add(time.Duration(c.probe.InitialDelaySeconds) * time.Second)
	}
}

// due probes when it is time to, and tells whether it did.
func (c *checks) due(now time.Time, i *instance, spec corev1.Container) bool {
	if c.probe == nil || now.Before(c.next) {
		return false
	}
	c.next = now.Add(time.Duration(max(c.probe.PeriodSeconds, 1)) * time.Second)
	if passes(c.probe, i.address, spec) {
		c.passed, c.failed = c.passed+1, 0
	} else {
		c.passed, c.failed = 0, c.failed+1
	}
	return true
}

func (c *checks) good() bool { return c.probe == nil || c.passed >= max(c.probe.SuccessThreshold, 1) }
func (c *checks) bad() bool  { return c.probe != nil && c.failed >= max(c.probe.FailureThreshold, 1) }

// tick is how often probes are looked at.
const tick = 250 * time.Millisecond

// probe watches over a container: startup first, then liveness and readiness, as the kubelet does.
func (i *instance) probe(ctx context.Context, c *container) {
	startup, live, ready := &checks{probe: c.spec.StartupProbe}, &checks{probe: c.spec.LivenessProbe}, &checks{probe: c.spec.ReadinessProbe}
	pid, begun := 0, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(tick):
		}
		now, status := time.Now(), c.keeper.Status()
		if !status.Running {
			continue
		}
		if status.PID != pid {
			pid, begun = status.PID, false
			for _, each := range []*checks{startup, live, ready} {
				each.restart(now)
			}
		}
		if !begun {
			startup.due(now, i, c.spec)
			if startup.bad() {
				c.keeper.Restart()
				continue
			}
			if begun = startup.good(); !begun {
				continue
			}
		}
		if live.due(now, i, c.spec); live.bad() {
			c.keeper.Restart()
			continue
		}
		ready.due(now, i, c.spec)
		switch {
		case ready.good():
			i.setReady(c, true)
		case ready.bad():
			i.setReady(c, false)
		}
	}
}

func (i *instance) setReady(c *container, ready bool) {
	i.mutex.Lock()
	changed := c.ready != ready
	c.ready = ready
	i.mutex.Unlock()
	if changed {
		i.reportStatus()
	}
}

func port(value intstr.IntOrString, spec corev1.Container) int {
	if value.Type == intstr.Int {
		return value.IntValue()
	}
	for _, each := range spec.Ports {
		if each.Name == value.StrVal {
			return int(each.ContainerPort)
		}
	}
	return value.IntValue()
}

// passes probes once. A probe of a kind that processes cannot answer passes.
func passes(probe *corev1.Probe, address string, spec corev1.Container) bool {
	timeout := time.Duration(max(probe.TimeoutSeconds, 1)) * time.Second
	switch {
	case probe.HTTPGet != nil:
		scheme := strings.ToLower(string(probe.HTTPGet.Scheme))
		if scheme == "" {
			scheme = "http"
		}
		url := scheme + "://" + net.JoinHostPort(address, strconv.Itoa(port(probe.HTTPGet.Port, spec))) + "/" + strings.TrimPrefix(probe.HTTPGet.Path, "/")
		// As the kubelet: a probe asks whether the program answers, not who it is.
		client := &http.Client{Timeout: timeout, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
		}}
		response, err := client.Get(url)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode >= 200 && response.StatusCode < 400
	case probe.TCPSocket != nil:
		connection, err := net.DialTimeout("tcp", net.JoinHostPort(address, strconv.Itoa(port(probe.TCPSocket.Port, spec))), timeout)
		if err != nil {
			return false
		}
		return connection.Close() == nil
	}
	return true
}
