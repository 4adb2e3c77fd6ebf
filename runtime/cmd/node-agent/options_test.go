package main

import (
	"strings"
	"testing"
	"time"
)

func TestOptionsAreChecked(t *testing.T) {
	valid := options{server: "https://api", node: "n", stateDir: "/state", interval: 30 * time.Second, coreSpeed: measureSpeed}
	for _, test := range []struct {
		change func(*options)
		want   string
	}{
		{func(*options) {}, ""},
		{func(o *options) { o.coreSpeed = "2.5" }, ""},
		{func(o *options) { o.coreSpeed = unknownSpeed }, ""},
		{func(o *options) { o.coreSpeed = "0" }, "--core-speed: must be measure, unknown, or a number above 0"},
		{func(o *options) { o.coreSpeed = "NaN" }, "--core-speed"},
		{func(o *options) { o.coreSpeed = "" }, "--core-speed"},
		{func(o *options) { o.node = "" }, "--node-name"},
		{func(o *options) { o.stateDir = "" }, "--state-dir"},
		{func(o *options) { o.interval = time.Hour }, "--interval"},
	} {
		o := valid
		test.change(&o)
		if err := o.complete(); (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}

func TestProbesAreAnsweredAtTheBoundAddress(t *testing.T) {
	for _, test := range []struct{ address, bind, want, problem string }{
		{"10.0.0.1:9464", "", "10.0.0.1:9464", ""},
		{"10.0.0.1:9464", "10.0.0.1:19464", "10.0.0.1:19464", ""},
		{"10.0.0.1", "10.0.0.1:19464", "", "--probe-address"},
		{"10.0.0.1:9464", "here", "", "--probe-bind-address"},
	} {
		o := options{probeAddress: test.address, probeBind: test.bind}
		got, err := o.probeListener()
		if test.problem != "" {
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%+v: got %v", test, err)
			}
		} else if err != nil || got.String() != test.want {
			t.Errorf("%+v: got %v, %v", test, got, err)
		}
	}
}
