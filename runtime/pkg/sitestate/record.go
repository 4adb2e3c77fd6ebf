package sitestate

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Shared is the scope of records that all sites have.
const Shared = "*"

// MaxValueBytes limits a value.
const MaxValueBytes = 256 << 10

// Name identifies a record.
type Name struct {
	Scope string `json:"scope"`
	Key   string `json:"key"`
}

func (n Name) String() string { return n.Scope + ":" + n.Key }

var key = regexp.MustCompile(`^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?(/[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?)*$`)

func (n Name) check() error {
	if n.Scope != Shared {
		if err := CheckSite(n.Scope); err != nil {
			return fmt.Errorf("scope: %w, or * for all sites", err)
		}
	}
	if len(n.Key) > 512 || !key.MatchString(n.Key) {
		return fmt.Errorf("key: %.600q: must be names of letters, digits, '-', '_' and '.', separated by '/', of at most 512 characters", n.Key)
	}
	return nil
}

// CheckSite returns an error if a text cannot be the name of a site.
func CheckSite(name string) error {
	if outbox.CheckClass(name) != nil {
		return fmt.Errorf("%.300q: must be a DNS label", name)
	}
	return nil
}

// Version is what decides between two records with the same name.
type Version struct {
	Stamp Stamp `json:"stamp"`
	// Origin is the site that wrote the record.
	Origin string `json:"origin"`
	// Digest is one of everything else.
	Digest Digest `json:"digest"`
}

// Compare returns 1 if the version wins over another one, -1 if it loses, and 0 if they are the same.
func (v Version) Compare(other Version) int {
	return cmp.Or(v.Stamp.Compare(other.Stamp), cmp.Compare(v.Origin, other.Origin), cmp.Compare(v.Digest, other.Digest))
}

// Digest identifies a content.
type Digest uint64

func (d Digest) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%016x", uint64(d)), nil }

func (d *Digest) UnmarshalText(text []byte) error {
	var parsed uint64
	if n, err := fmt.Sscanf(string(text), "%016x", &parsed); n != 1 || err != nil || len(text) != 16 {
		return fmt.Errorf("digest %.100q: must be 16 hexadecimal digits", text)
	}
	*d = Digest(parsed)
	return nil
}

// Record is a value or a tombstone.
type Record struct {
	Name
	// Value is JSON. A tombstone has none.
	Value   json.RawMessage `json:"value,omitempty"`
	Deleted bool            `json:"deleted,omitempty"`
	Stamp   Stamp           `json:"stamp"`
	Origin  string          `json:"origin"`
	// Schema is the version of the value's schema.
	Schema int `json:"schema"`
	// Writes counts the writes of each site that led to this version.
	Writes map[string]uint64 `json:"writes"`
	// extra are members that this program does not know.
	extra map[string]json.RawMessage
}

// Version returns what decides whether the record wins.
func (r Record) Version() Version {
	return Version{Stamp: r.Stamp, Origin: r.Origin, Digest: r.digest()}
}

// digest covers everything but the writes: they explain a version and do not belong to it.
func (r Record) digest() Digest {
	hash := sha256.New()
	write := func(text []byte) {
		_ = binary.Write(hash, binary.BigEndian, uint64(len(text)))
		_, _ = hash.Write(text)
	}
	for _, text := range []string{r.Scope, r.Key, r.Stamp.String(), r.Origin, fmt.Sprint(r.Schema), fmt.Sprint(r.Deleted)} {
		write([]byte(text))
	}
	write(r.Value)
	write(encodeExtra(r.extra))
	return Digest(binary.BigEndian.Uint64(hash.Sum(nil)))
}

// bucket is the part of the records to which a name belongs.
func (n Name) bucket() int {
	sum := sha256.Sum256([]byte(n.Scope + "\x00" + n.Key))
	return int(sum[0])
}

// buckets is how many parts there are.
const buckets = 256

// follows tells whether the author of a record knew another version.
func (r Record) follows(other Record) bool {
	for site, count := range other.Writes {
		if r.Writes[site] < count {
			return false
		}
	}
	return true
}

func (r Record) check() error {
	if err := r.Name.check(); err != nil {
		return err
	}
	if err := CheckSite(r.Origin); err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	if r.Schema < 0 {
		return fmt.Errorf("schema: %d: must not be negative", r.Schema)
	}
	if r.Deleted != (r.Value == nil) {
		return errors.New("value: is required, except in a tombstone")
	}
	if len(r.Value) > MaxValueBytes {
		return fmt.Errorf("value: %d bytes: must have at most %d", len(r.Value), MaxValueBytes)
	}
	for site := range r.Writes {
		if err := CheckSite(site); err != nil {
			return fmt.Errorf("writes: %w", err)
		}
	}
	return nil
}

// members are those that this program knows.
var members = []string{"scope", "key", "value", "deleted", "stamp", "origin", "schema", "writes"}

// plainRecord has the members of Record without its methods.
type plainRecord Record

// UnmarshalJSON keeps members that it does not know.
func (r *Record) UnmarshalJSON(text []byte) error {
	var plain plainRecord
	if err := json.Unmarshal(text, &plain); err != nil {
		return err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for name, value := range all {
		if slices.Contains(members, name) {
			continue
		}
		compact, err := CompactJSON(value)
		if err != nil {
			return err
		}
		if plain.extra == nil {
			plain.extra = map[string]json.RawMessage{}
		}
		plain.extra[name] = compact
	}
	var err error
	if plain.Value, err = CompactJSON(plain.Value); err != nil {
		return err
	}
	*r = Record(plain)
	return nil
}

// MarshalJSON adds the members that UnmarshalJSON kept.
func (r Record) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(plainRecord(r))
	if err != nil || len(r.extra) == 0 {
		return text, err
	}
	return append(append(text[:len(text)-1], ','), encodeExtra(r.extra)[1:]...), nil
}

// encodeExtra returns members as a JSON object with sorted names, or nothing if there are none.
func encodeExtra(extra map[string]json.RawMessage) []byte {
	if len(extra) == 0 {
		return nil
	}
	// The members were valid when they were read.
	text, _ := json.Marshal(extra)
	return text
}

// CompactJSON removes white space and escapes as json.Marshal does, so that the same content has the same bytes
// everywhere.
func CompactJSON(text json.RawMessage) (json.RawMessage, error) {
	if text == nil {
		return nil, nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return nil, err
	}
	var escaped bytes.Buffer
	json.HTMLEscape(&escaped, compact.Bytes())
	return bytes.ToValidUTF8(escaped.Bytes(), []byte("\uFFFD")), nil
}
