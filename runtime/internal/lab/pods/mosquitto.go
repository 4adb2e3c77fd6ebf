package pods

import "regexp"

// mosquittoConfig is the name of Mosquitto's configuration in its ConfigMap.
const mosquittoConfig = "mosquitto.conf"

// anyAddress matches a listener of Mosquitto on all addresses.
var anyAddress = regexp.MustCompile(`(?m)^listener (\d+)$`)

// listenOn gives the listeners of a configuration the address of their pod. Pods of the lab share one network, and so all their
// addresses: two brokers could not listen on the same port.
func listenOn(config []byte, address string) []byte {
	return anyAddress.ReplaceAll(config, []byte("listener $1 "+address))
}
