// Package strict decodes YAML and JSON into structs, and reports all unknown fields, duplicate fields and wrong types at
// once, each with its path.
package strict

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Decode decodes a document of YAML or JSON into a struct. Fields have the names of their json tags; null is absent. Types
// that implement encoding.TextUnmarshaler are decoded from scalars.
func Decode(document []byte, into any) Problems {
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	var root yaml.Node
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return Problems{{Message: "must not be empty"}}
	} else if err != nil {
		return Problems{{Message: "must be YAML or JSON: " + strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return Problems{{Message: "must be one document"}}
	}
	var d decoding
	d.decode("", root.Content[0], reflect.ValueOf(into).Elem())
	return d.problems
}

type decoding struct{ problems Problems }

func (d *decoding) add(path, format string, args ...any) {
	d.problems = append(d.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (d *decoding) decode(path string, node *yaml.Node, into reflect.Value) {
	if node.Kind == yaml.AliasNode {
		d.add(path, "must not be an alias")
		return
	}
	if node.Tag == "!!null" {
		return
	}
	if text, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.decodeText(path, node, text)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		value := reflect.New(into.Type().Elem())
		d.decode(path, node, value.Elem())
		into.Set(value)
	case reflect.Struct:
		d.decodeStruct(path, node, into)
	case reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			d.add(path, "%s: must be a list", describe(node))
			return
		}
		values := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
		for index, each := range node.Content {
			d.decode(fmt.Sprintf("%s[%d]", path, index), each, values.Index(index))
		}
		into.Set(values)
	default:
		d.decodeScalar(path, node, into)
	}
}

func (d *decoding) decodeStruct(path string, node *yaml.Node, into reflect.Value) {
	if node.Kind != yaml.MappingNode {
		d.add(path, "%s: must be an object", describe(node))
		return
	}
	fields := map[string]reflect.Value{}
	var names []string
	for _, field := range reflect.VisibleFields(into.Type()) {
		// The fields of an embedded struct are those of the object itself.
		if name := field.Tag.Get("json"); name != "" {
			fields[name] = into.FieldByIndex(field.Index)
			names = append(names, name)
		}
	}
	seen := map[string]bool{}
	for index := 0; index < len(node.Content); index += 2 {
		name := node.Content[index].Value
		at := name
		if path != "" {
			at = path + "." + name
		}
		field, known := fields[name]
		switch {
		case !known:
			message := "unknown field"
			if near := nearest(name, names); near != "" {
				message += fmt.Sprintf(": did you mean %q?", near)
			}
			d.add(at, "%s", message)
		case seen[name]:
			d.add(at, "duplicate field")
		default:
			seen[name] = true
			d.decode(at, node.Content[index+1], field)
		}
	}
}

func (d *decoding) decodeText(path string, node *yaml.Node, into encoding.TextUnmarshaler) {
	if node.Kind != yaml.ScalarNode {
		d.add(path, "%s: must be a text", describe(node))
	} else if err := into.UnmarshalText([]byte(node.Value)); err != nil {
		d.add(path, "%q: %s", node.Value, err)
	}
}

func (d *decoding) decodeScalar(path string, node *yaml.Node, into reflect.Value) {
	wrong := func(want string) { d.add(path, "%s: must be %s", describe(node), want) }
	switch into.Kind() {
	case reflect.String:
		// Numbers such as 3.1 are accepted as text, because YAML does not show the difference.
		if node.Kind != yaml.ScalarNode || node.Tag == "!!bool" {
			wrong("a text")
			return
		}
		into.SetString(node.Value)
	case reflect.Bool:
		if node.Tag != "!!bool" {
			wrong("true or false")
			return
		}
		value, err := strconv.ParseBool(node.Value)
		if err != nil {
			wrong("true or false")
			return
		}
		into.SetBool(value)
	case reflect.Int, reflect.Int64, reflect.Uint64:
		number, err := strconv.ParseInt(node.Value, 10, 64)
		if node.Kind != yaml.ScalarNode || node.Tag == "!!str" || err != nil || into.Kind() == reflect.Uint64 && number < 0 {
			wrong("a whole number")
			return
		}
		if into.Kind() == reflect.Uint64 {
			into.SetUint(uint64(number))
		} else {
			into.SetInt(number)
		}
	case reflect.Float64:
		number, err := strconv.ParseFloat(node.Value, 64)
		if node.Kind != yaml.ScalarNode || node.Tag == "!!str" || err != nil {
			wrong("a number")
			return
		}
		into.SetFloat(number)
	default:
		panic("strict: unsupported type " + into.Type().String())
	}
}

// describe names a value in a message. Long texts are cut.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%.60q", node.Value)
}
