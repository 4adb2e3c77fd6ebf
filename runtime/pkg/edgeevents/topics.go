package edgeevents

import (
	"fmt"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Topics of version 1 of the protocol. An incompatible change gets topics of its own.
const (
	upPrefix       = "skerry/v1/up/"
	ackPrefix      = "skerry/v1/ack/"
	lossesPrefix   = "skerry/v1/losses/"
	configPrefix   = "skerry/v1/config/"
	reportedPrefix = "skerry/v1/reported/"
	syncPrefix     = "skerry/v1/sync/"
)

// Filters to subscribe to.
const (
	// UpFilter matches the messages of all nodes.
	UpFilter = upPrefix + "+/+"
	// LossesFilter matches the losses that all nodes report.
	LossesFilter = lossesPrefix + "+/+"
	// ReportedFilter matches the reported state of all nodes.
	ReportedFilter = reportedPrefix + "+"
	// SyncUpFilter matches what all sites send to the cloud.
	SyncUpFilter = syncPrefix + "+/up"
)

// UpTopic returns the topic on which a node publishes messages of a class.
func UpTopic(node, class string) string { return upPrefix + node + "/" + class }

// AckTopic returns the topic on which the cloud acknowledges messages of a class to a node.
func AckTopic(node, class string) string { return ackPrefix + node + "/" + class }

// LossesTopic returns the topic on which a node reports which messages of a class it will never deliver.
func LossesTopic(node, class string) string { return lossesPrefix + node + "/" + class }

// ConfigTopic returns the topic of a node's desired state.
func ConfigTopic(node string) string { return configPrefix + node }

// ReportedTopic returns the topic of a node's reported state.
func ReportedTopic(node string) string { return reportedPrefix + node }

// SyncDownTopic returns the topic on which the cloud sends state to a site.
func SyncDownTopic(site string) string { return syncPrefix + site + "/down" }

// SyncUpTopic returns the topic on which a site sends state to the cloud.
func SyncUpTopic(site string) string { return syncPrefix + site + "/up" }

// ParseUpTopic returns the node and the class of a topic that UpTopic returns.
func ParseUpTopic(topic string) (node, class string, err error) { return parseStream(topic, upPrefix) }

// ParseAckTopic returns the node and the class of a topic that AckTopic returns.
func ParseAckTopic(topic string) (node, class string, err error) {
	return parseStream(topic, ackPrefix)
}

// ParseLossesTopic returns the node and the class of a topic that LossesTopic returns.
func ParseLossesTopic(topic string) (node, class string, err error) {
	return parseStream(topic, lossesPrefix)
}

// ParseReportedTopic returns the node of a topic that ReportedTopic returns.
func ParseReportedTopic(topic string) (node string, err error) {
	node, found := strings.CutPrefix(topic, reportedPrefix)
	if !found {
		return "", fmt.Errorf("topic %.300q: must be %s<node>", topic, reportedPrefix)
	}
	if err := outbox.CheckNode(node); err != nil {
		return "", fmt.Errorf("topic: node %w", err)
	}
	return node, nil
}

// ParseSyncUpTopic returns the site of a topic that SyncUpTopic returns.
func ParseSyncUpTopic(topic string) (site string, err error) {
	rest, found := strings.CutPrefix(topic, syncPrefix)
	site, up := strings.CutSuffix(rest, "/up")
	if !found || !up {
		return "", fmt.Errorf("topic %.300q: must be %s<site>/up", topic, syncPrefix)
	}
	if err := outbox.CheckClass(site); err != nil {
		return "", fmt.Errorf("topic: site %w", err)
	}
	return site, nil
}

// parseStream parses <prefix><node>/<class>.
func parseStream(topic, prefix string) (node, class string, err error) {
	rest, found := strings.CutPrefix(topic, prefix)
	node, class, separated := strings.Cut(rest, "/")
	if !found || !separated {
		return "", "", fmt.Errorf("topic %.300q: must be %s<node>/<class>", topic, prefix)
	}
	if err := outbox.CheckNode(node); err != nil {
		return "", "", fmt.Errorf("topic: node %w", err)
	}
	if err := outbox.CheckClass(class); err != nil {
		return "", "", fmt.Errorf("topic: class %w", err)
	}
	return node, class, nil
}
