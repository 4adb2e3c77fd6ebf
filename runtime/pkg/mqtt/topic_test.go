package mqtt

import "testing"

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		filter, topic string
		want          bool
	}{
		{"#", "a", true}, {"#", "a/b", true}, {"#", "$SYS/a", false}, {"$SYS/#", "$SYS/a", true}, {"+/a", "$SYS/a", false},
		{"a/#", "a", true}, {"a/#", "a/b/c", true}, {"a/#", "ab", false}, {"a", "a/b", false}, {"a/b", "a", false},
		{"+", "a", true}, {"+", "a/b", false}, {"a/+", "a/", true}, {"a/+", "a", false}, {"a/+/c", "a/b/c", true},
		{"a/+/c", "a/b/d", false}, {"+/+", "/a", true}, {"/+", "/a", true}, {"+", "/a", false}, {"a//b", "a//b", true}, {"a/b/#", "a", false},
	} {
		if got := Matches(test.filter, test.topic); got != test.want {
			t.Errorf("%q matches %q: got %t", test.filter, test.topic, got)
		}
	}
}

func TestCheckFilter(t *testing.T) {
	for filter, valid := range map[string]bool{
		"a": true, "#": true, "+": true, "a/+/b/#": true, "/": true, "": false, "a#": false, "a/#/b": false, "a+": false, "a/b+/c": false, "a\x00": false,
	} {
		if err := CheckFilter(filter); (err == nil) != valid {
			t.Errorf("%q: got %v", filter, err)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		other, filter string
		want          bool
	}{
		{"#", "a/b", true}, {"#", "#", true}, {"a/#", "a", true}, {"a/#", "a/+/#", true}, {"a/+/#", "a/#", false}, {"a/+", "a/b", true},
		{"a/+", "a/+", true}, {"a/+", "a/#", false}, {"a/b", "a/+", false}, {"+/+", "a/b", true}, {"+/+", "a", false}, {"a", "a/b", false},
		{"#", "$SYS/a", false}, {"+/a", "$SYS/a", false}, {"$SYS/#", "$SYS/a", true},
	} {
		if got := Covers(test.other, test.filter); got != test.want {
			t.Errorf("%q covers %q: got %t", test.other, test.filter, got)
		}
	}
}
