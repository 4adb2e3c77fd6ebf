package mqtt

import (
	"fmt"
	"testing"
)

func TestAddresses(t *testing.T) {
	for address, expected := range map[string]string{
		"mqtt://a": "mqtt://a:1883", "mqtts://a": "mqtts://a:8883", "mqtt://[::1]": "mqtt://[::1]:1883", "mqtt://[::1]:5": "mqtt://[::1]:5",
		"http://a":          `"http://a": scheme must be one of mqtt, mqtts`,
		"mqtt://":           `"mqtt://": must be mqtt://host[:port]`,
		"mqtt://a/b":        `"mqtt://a/b": must be mqtt://host[:port]`,
		"mqtt://a?":         `"mqtt://a?": must be mqtt://host[:port]`,
		"mqtt://a:x":        `"mqtt://a:x": must be mqtt://host[:port] or mqtts://host[:port]`,
		"http://u:secret@a": `must have no user and password: pass the password in a file`,
		"mqtt://u:%zz@a":    `must have no user and password: pass the password in a file`,
		"mqtt://u:secret@a": `must have no user and password: pass the password in a file`,
	} {
		parsed, err := ParseAddress(address)
		got := fmt.Sprint(parsed)
		if err != nil {
			got = err.Error()
		}
		if got != expected {
			t.Errorf("%s: got %s, want %s", address, got, expected)
		}
	}
	if _, err := ParseVersion("4"); err == nil || err.Error() != `"4": must be one of 3.1.1, 5` {
		t.Error(err)
	}
}
