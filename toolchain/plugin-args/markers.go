package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"sort"
	"strconv"
	"strings"
)

// comment is a Go comment, split into text and markers.
type comment struct {
	text    string
	markers [][2]string
}

func parseComment(group *ast.CommentGroup) (parsed comment) {
	if group == nil {
		return parsed
	}
	var text []string
	for line := range strings.Lines(group.Text()) {
		line = strings.TrimSpace(line)
		if marker, ok := strings.CutPrefix(line, "+"); ok {
			name, value, _ := strings.Cut(marker, "=")
			parsed.markers = append(parsed.markers, [2]string{name, value})
		} else if line != "" {
			text = append(text, line)
		}
	}
	parsed.text = strings.Join(text, " ")
	return parsed
}

// withoutSubject drops the name at the start of a Go comment: "Headroom is how many times" becomes "How many times".
func (c comment) withoutSubject(name string) string {
	for _, subject := range []string{name + " is ", name + " are "} {
		if rest, ok := strings.CutPrefix(c.text, subject); ok && rest != "" {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return c.text
}

// apply writes what the markers say into a schema. Unknown markers are errors: a typo must not remove a bound.
func (c comment) apply(schema *Schema) error {
	exclusive := false
	for _, marker := range c.markers {
		name, value := marker[0], marker[1]
		var err error
		switch name {
		case "optional":
		case "kubebuilder:default":
			if json.Unmarshal([]byte(value), &schema.Default) != nil {
				schema.Default = value
			}
		case "kubebuilder:validation:Enum":
			schema.Enum = strings.Split(value, ";")
		case "kubebuilder:validation:Minimum":
			schema.Minimum, schema.FormatMinimum, err = bound(schema, value)
		case "kubebuilder:validation:Maximum":
			schema.Maximum, schema.FormatMaximum, err = bound(schema, value)
		case "kubebuilder:validation:ExclusiveMinimum":
			exclusive = value == "true"
		case "skerry:validation:AnyAbove":
			schema.AnyOf, err = anyAbove(schema, value)
		default:
			err = fmt.Errorf("unknown marker +%s", name)
		}
		if err != nil {
			return err
		}
	}
	if exclusive {
		schema.ExclusiveMinimum, schema.Minimum = schema.Minimum, nil
	}
	return nil
}

// bound of a number, or of a duration as it is written.
func bound(schema *Schema, value string) (*float64, string, error) {
	if schema.Format == "duration" {
		return nil, value, nil
	}
	number, err := strconv.ParseFloat(value, 64)
	return &number, "", err
}

// anyAbove requires one property above a limit. An absent property has its default.
func anyAbove(schema *Schema, value string) (branches []*Schema, err error) {
	limit, err := strconv.ParseFloat(value, 64)
	names := make([]string, 0, len(schema.Properties))
	for name := range schema.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		above := map[string]*Schema{name: {ExclusiveMinimum: &limit}}
		branches = append(branches, &Schema{Properties: above})
	}
	return branches, err
}
