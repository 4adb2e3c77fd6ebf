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

// probeState counts the consecutive successes and failures of a probe.
type probeState struct {
	probe               *corev1.Probe
	successes, failures int32
	next                time.Time
}

func (c *probeState) reset(now time.Time) {
	c.successes, c.failures = 0, 0
	if c.probe != nil {
		c.next = now.Add(time.Duration(c.probe.InitialDelaySeconds) * time.Second)
	}
}

// runIfDue runs the probe if its period has passed.
func (c *probeState) runIfDue(now time.Time, i *instance, spec corev1.Container) {
	if c.probe == nil || now.Before(c.next) {
		return
	}
	c.next = now.Add(time.Duration(max(c.probe.PeriodSeconds, 1)) * time.Second)
	if runProbe(c.probe, i.address, spec) {
		c.successes, c.failures = c.successes+1, 0
	} else {
		c.successes, c.failures = 0, c.failures+1
	}
}

func (c *probeState) succeeded() bool {
	return c.probe == nil || c.successes >= max(c.probe.SuccessThreshold, 1)
}
func (c *probeState) failed() bool {
	return c.probe != nil && c.failures >= max(c.probe.FailureThreshold, 1)
}

// probeCheckInterval is the interval at which due probes are run.
const probeCheckInterval = 250 * time.Millisecond

// probe runs the probes of a container like the kubelet: the startup probe first, then liveness and readiness probes.
func (i *instance) probe(ctx context.Context, c *container) {
	startup, live, ready := &probeState{probe: c.spec.StartupProbe}, &probeState{probe: c.spec.LivenessProbe}, &probeState{probe: c.spec.ReadinessProbe}
	pid, started := 0, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(probeCheckInterval):
		}
		now, status := time.Now(), c.keeper.Status()
		if !status.Running {
			continue
		}
		if status.PID != pid {
			pid, started = status.PID, false
			for _, state := range []*probeState{startup, live, ready} {
				state.reset(now)
			}
		}
		if !started {
			startup.runIfDue(now, i, c.spec)
			if startup.failed() {
				c.keeper.Restart()
				continue
			}
			if started = startup.succeeded(); !started {
				continue
			}
		}
		if live.runIfDue(now, i, c.spec); live.failed() {
			c.keeper.Restart()
			continue
		}
		ready.runIfDue(now, i, c.spec)
		switch {
		case ready.succeeded():
			i.setReady(c, true)
		case ready.failed():
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
		i.requestReport()
	}
}

func resolvePort(value intstr.IntOrString, spec corev1.Container) int {
	if value.Type == intstr.Int {
		return value.IntValue()
	}
	for _, port := range spec.Ports {
		if port.Name == value.StrVal {
			return int(port.ContainerPort)
		}
	}
	return value.IntValue()
}

// runProbe runs a probe once and reports whether it succeeded. Probes of unsupported types succeed.
func runProbe(probe *corev1.Probe, address string, spec corev1.Container) bool {
	timeout := time.Duration(max(probe.TimeoutSeconds, 1)) * time.Second
	switch {
	case probe.HTTPGet != nil:
		scheme := strings.ToLower(string(probe.HTTPGet.Scheme))
		if scheme == "" {
			scheme = "http"
		}
		url := scheme + "://" + net.JoinHostPort(address, strconv.Itoa(resolvePort(probe.HTTPGet.Port, spec))) + "/" + strings.TrimPrefix(probe.HTTPGet.Path, "/")
		// Like the kubelet, probes do not verify certificates.
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
		connection, err := net.DialTimeout("tcp", net.JoinHostPort(address, strconv.Itoa(resolvePort(probe.TCPSocket.Port, spec))), timeout)
		if err != nil {
			return false
		}
		return connection.Close() == nil
	}
	return true
}
