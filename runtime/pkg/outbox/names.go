package outbox

import (
	"fmt"
	"regexp"
)

var (
	label     = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	subdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
)

// CheckNode returns an error if a text cannot be the name of a node.
func CheckNode(name string) error {
	if len(name) > 253 || !subdomain.MatchString(name) {
		return fmt.Errorf("%.300q: must be a DNS subdomain", name)
	}
	return nil
}

// CheckClass returns an error if a text cannot be the name of a class.
func CheckClass(name string) error {
	if !label.MatchString(name) {
		return fmt.Errorf("%.300q: must be a DNS label", name)
	}
	return nil
}
