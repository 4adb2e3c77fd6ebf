package verdict

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Cause is one problem of an object.
type Cause struct {
	// Type is one of the API server's types, such as FieldValueInvalid, or UnknownField or DuplicateField.
	Type metav1.CauseType `json:"type,omitempty"`
	// Field is the path in the API server's syntax: spec.containers[0].ports[1].protocol.
	Field string `json:"field,omitempty"`
	// Value is the value found, as the API server prints it. Text is quoted. Empty for Secrets.
	Value string `json:"value,omitempty"`
	// Detail describes the problem or the allowed values.
	Detail string `json:"detail,omitempty"`
}

const (
	// UnknownField is the type for a field that the kind does not have.
	UnknownField metav1.CauseType = "UnknownField"
	// DuplicateField is the type for a field that occurs twice.
	DuplicateField metav1.CauseType = "DuplicateField"
)

var strictError = regexp.MustCompile(`(unknown|duplicate) field "((?:[^"\\]|\\.)*)"`)

// strictCauses returns the causes in the message of an error of strict decoding.
func strictCauses(message string) []Cause {
	_, list, strict := strings.Cut(message, "strict decoding error: ")
	if !strict {
		return nil
	}
	var causes []Cause
	for _, match := range strictError.FindAllStringSubmatch(list, -1) {
		cause := Cause{Type: UnknownField, Field: match[2]}
		if match[1] == "duplicate" {
			cause.Type = DuplicateField
		}
		causes = append(causes, cause)
	}
	return causes
}

func causesOf(statusCauses []metav1.StatusCause, secret bool) []Cause {
	causes := make([]Cause, 0, len(statusCauses))
	for _, each := range statusCauses {
		value, detail := split(each)
		if secret {
			value, detail = "", withoutContent(detail)
		}
		causes = append(causes, Cause{Type: each.Type, Field: strings.TrimPrefix(each.Field, "<nil>"), Value: value, Detail: detail})
	}
	return causes
}

// split reverses field.Error.ErrorBody: "Invalid value: 70000: must be …" has a type, a value and a detail.
func split(cause metav1.StatusCause) (value, detail string) {
	kind := field.ErrorType(cause.Type)
	title, hasTitle := titles[kind]
	if !hasTitle || !strings.HasPrefix(cause.Message, title) {
		return "", cause.Message
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(cause.Message, title), ": ")
	if !withValue[kind] {
		return "", rest
	}
	if quoted, err := strconv.QuotedPrefix(rest); err == nil {
		return quoted, strings.TrimPrefix(rest[len(quoted):], ": ")
	}
	if decoder := json.NewDecoder(strings.NewReader(rest)); strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "[") {
		var value json.RawMessage
		if decoder.Decode(&value) == nil {
			return string(value), strings.TrimPrefix(rest[decoder.InputOffset():], ": ")
		}
	}
	value, detail, _ = strings.Cut(rest, ": ")
	return value, detail
}

// withValue contains the types of errors whose text includes the value. titles contains the prefixes of the texts.
var withValue = map[field.ErrorType]bool{
	field.ErrorTypeInvalid: true, field.ErrorTypeTypeInvalid: true, field.ErrorTypeNotSupported: true,
	field.ErrorTypeNotFound: true, field.ErrorTypeDuplicate: true, field.ErrorTypeTooMany: true, field.ErrorTypeTooFew: true,
}

var titles = func() map[field.ErrorType]string {
	titles := map[field.ErrorType]string{}
	for kind := range withValue {
		titles[kind] = kind.String()
	}
	for _, kind := range []field.ErrorType{
		field.ErrorTypeRequired, field.ErrorTypeForbidden, field.ErrorTypeTooLong, field.ErrorTypeTooShort,
		field.ErrorTypeInternal,
	} {
		titles[kind] = kind.String()
	}
	return titles
}()

// badCharacter matches the part of a JSON parser's message that quotes the input.
var badCharacter = regexp.MustCompile(`invalid character '.*?' `)

func withoutContent(detail string) string {
	return badCharacter.ReplaceAllString(detail, "invalid character ")
}
