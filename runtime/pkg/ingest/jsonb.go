package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxJSONDepth is below what fits in PostgreSQL's default max_stack_depth.
	maxJSONDepth = 500
	// maxJSONDigits is below the limits of PostgreSQL's numeric: 16,383 digits after the decimal point.
	maxJSONDigits = 1000
)

// fitsJSONB tells whether PostgreSQL's jsonb accepts a valid JSON text. It refuses U+0000, surrogates without a partner, and
// very large numbers and depths.
func fitsJSONB(text []byte) bool {
	if bytes.Contains(text, []byte(`\u`)) && !fitsEscapes(text) {
		return false
	}
	if !mayExceed(text) {
		return true
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for depth := 0; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return false
		}
		switch value := token.(type) {
		case json.Delim:
			if value == '[' || value == '{' {
				depth++
			} else {
				depth--
			}
			if depth > maxJSONDepth {
				return false
			}
		case json.Number:
			mantissa, exponentText, _ := strings.Cut(strings.ToLower(value.String()), "e")
			exponent := 0
			if exponentText != "" {
				if exponent, err = strconv.Atoi(exponentText); err != nil {
					return false
				}
			}
			if len(mantissa)+max(exponent, -exponent) > maxJSONDigits {
				return false
			}
		}
	}
}

// mayExceed tells whether a text can contain a depth or a number that exceeds the limits. It is much faster than parsing.
func mayExceed(text []byte) bool {
	return len(text) > maxJSONDepth || bytes.ContainsAny(text, "eE") && bytes.ContainsAny(text, "0123456789")
}

// fitsEscapes checks the escapes \uXXXX of a valid JSON text.
func fitsEscapes(text []byte) bool {
	for at := 0; at < len(text); at++ {
		if text[at] != '\\' {
			continue
		}
		at++
		if text[at] != 'u' {
			continue
		}
		code, _ := strconv.ParseUint(string(text[at+1:at+5]), 16, 32)
		at += 4
		switch {
		case code == 0:
			return false
		case code >= 0xd800 && code < 0xdc00:
			if at+6 >= len(text) || text[at+1] != '\\' || text[at+2] != 'u' {
				return false
			}
			low, _ := strconv.ParseUint(string(text[at+3:at+7]), 16, 32)
			if low < 0xdc00 || low > 0xdfff {
				return false
			}
			at += 6
		case !utf8.ValidRune(rune(code)):
			return false
		}
	}
	return true
}
