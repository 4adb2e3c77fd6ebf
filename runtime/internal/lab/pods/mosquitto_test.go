package pods

import "testing"

func TestBrokersListenOnTheAddressOfTheirPod(t *testing.T) {
	config := "listener 8883\ncafile tls/ca.crt\nlistener 1883 127.0.0.1\n# listener 1\n"
	want := "listener 8883 127.1.2.3\ncafile tls/ca.crt\nlistener 1883 127.0.0.1\n# listener 1\n"
	if got := string(listenOn([]byte(config), "127.1.2.3")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
