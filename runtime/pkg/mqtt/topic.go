package mqtt

import (
	"errors"
	"strings"
)

// Matches tells whether a topic matches a filter. Topics that begin with $ match no filter that begins with a wildcard.
func Matches(filter, topic string) bool {
	if strings.HasPrefix(topic, "$") && !strings.HasPrefix(filter, "$") {
		return false
	}
	for {
		level, restOfFilter, moreFilter := strings.Cut(filter, "/")
		if level == "#" {
			return true
		}
		part, restOfTopic, moreTopic := strings.Cut(topic, "/")
		if level != "+" && level != part {
			return false
		}
		if !moreTopic {
			return !moreFilter || restOfFilter == "#"
		}
		if !moreFilter {
			return false
		}
		filter, topic = restOfFilter, restOfTopic
	}
}

// Covers tells whether each topic that matches a filter also matches another one.
func Covers(other, filter string) bool {
	wide := strings.Split(other, "/")
	narrow := strings.Split(filter, "/")
	for index, level := range wide {
		if level == "#" {
			// Topics that begin with $ match no wildcard at the beginning.
			return index > 0 || !strings.HasPrefix(filter, "$")
		}
		if index >= len(narrow) || narrow[index] == "#" {
			return false
		}
		if level == "+" && index == 0 && strings.HasPrefix(filter, "$") {
			return false
		}
		if level != "+" && level != narrow[index] {
			return false
		}
	}
	return len(wide) == len(narrow)
}

// CheckFilter returns what is wrong with a topic filter.
func CheckFilter(filter string) error {
	if filter == "" {
		return errors.New("must not be empty")
	}
	if len(filter) > 65535 || strings.ContainsRune(filter, 0) {
		return errors.New("must have at most 65535 bytes, and no null character")
	}
	levels := strings.Split(filter, "/")
	for index, level := range levels {
		if level == "#" && index == len(levels)-1 || level == "+" {
			continue
		}
		if strings.ContainsAny(level, "#+") {
			return errors.New("# must be the last level, and # and + must be whole levels")
		}
	}
	return nil
}
