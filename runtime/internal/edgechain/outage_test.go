package edgechain

import (
	"path/filepath"
	"testing"
	"time"
)

// window is how many messages of a class may wait for their acknowledgement: half of the default, as there are two classes.
const window = 500

// outage is many times as long as a message waits for its acknowledgement.
const outage = 15 * time.Second

// TestAnOutageQueuesMessagesOnce stops the cloud broker. The edge broker has a copy of each message that is on its way, so the
// agent must not send them again, apart from probes.
func TestAnOutageQueuesMessagesOnce(t *testing.T) {
	skipShort(t)
	c := newChain(t, "sqlite:"+filepath.Join(t.TempDir(), "messages.db"), nil, nil)
	if len(c.brokers.processes) < 2 {
		t.Skip("needs Mosquitto: the one broker in its place keeps no messages")
	}
	stop := c.publish(2 * time.Millisecond)
	c.await(100)
	cloud := c.brokers.processes[0]
	cloud.kill()
	time.Sleep(outage)
	cloud.run()
	c.await(100)
	stop()
	c.expectDelivery(2 * time.Minute)
	resent := c.agent.Metric(`skerry_edge_agent_messages_resent_total{class="telemetry"}`)
	t.Logf("%.0f messages of the class telemetry were sent again", resent)
	// What the edge broker queued may arrive before the ingest has subscribed again, and is lost once. There are some probes. Each
	// message of the window would otherwise be sent four times in this time.
	if most := 2.0 * window; resent < 0 || resent > most {
		t.Errorf("%.0f messages were sent again, want at most %.0f", resent, most)
	}
}
