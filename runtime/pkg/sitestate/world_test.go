package sitestate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// start is when the clocks of the tests begin.
var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// memoryFolder returns a folder that is not on a disk, if there is one.
func memoryFolder(t *testing.T) string {
	t.Helper()
	parent := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		parent = "/dev/shm"
	}
	folder, err := os.MkdirTemp(parent, "sitestate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// node is a database with a clock of its own.
type node struct {
	*Database
	clock  time.Time
	backup string
	// pushed is the last change that was sent.
	pushed int64
}

// packet is a message that is under way.
type packet struct {
	from, to string
	payload  []byte
}

// tester is what testing.T and rapid.T have in common.
type tester interface {
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// world is the hub, some sites and the network between them.
type world struct {
	t        tester
	folder   string
	nodes    map[string]*node
	names    []string
	underWay []packet
	// written are all records that were ever written or restamped.
	written map[Name][]Record
	options Options
	backups int
	// latest is the latest time that the hub's clock ever showed.
	latest time.Time
}

func newWorld(t tester, folder string, sites int, options Options) *world {
	folder, err := os.MkdirTemp(folder, "world")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, folder: folder, nodes: map[string]*node{}, written: map[Name][]Record{}, options: options, latest: start}
	w.names = append(w.names, Hub)
	for n := range sites {
		w.names = append(w.names, fmt.Sprintf("site-%d", n+1))
	}
	for _, name := range w.names {
		w.nodes[name] = &node{clock: start}
		w.open(name)
	}
	return w
}

func (w *world) open(name string) {
	n := w.nodes[name]
	options := w.options
	options.Path, options.Site = filepath.Join(w.folder, name+".db"), name
	options.Clock = func() time.Time { return n.clock }
	opened, err := Open(context.Background(), options)
	if err != nil {
		w.t.Fatal(err)
	}
	n.Database = opened
	if n.pushed, err = opened.LastChange(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close() {
	for _, n := range w.nodes {
		_ = n.Close()
	}
	_ = os.RemoveAll(w.folder)
}

// restart closes and opens a database: what was not pushed is not pushed any more.
func (w *world) restart(name string) {
	_ = w.nodes[name].Close()
	w.open(name)
}

// save makes a backup of a database.
func (w *world) save(name string) {
	w.backups++
	n := w.nodes[name]
	n.backup = filepath.Join(w.folder, fmt.Sprintf("%s-%d.backup", name, w.backups))
	if _, err := n.file.Exec(`VACUUM INTO ?`, n.backup); err != nil {
		w.t.Fatal(err)
	}
}

// restore replaces a database by its backup.
func (w *world) restore(name string) {
	n := w.nodes[name]
	if n.backup == "" {
		return
	}
	_ = n.Close()
	path := filepath.Join(w.folder, name+".db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + suffix)
	}
	content, err := os.ReadFile(n.backup)
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.open(name)
}

func (w *world) send(from, to string, messages ...Message) {
	for _, each := range messages {
		payload, err := each.Encode()
		if err != nil {
			w.t.Fatal(err)
		}
		w.underWay = append(w.underWay, packet{from, to, payload})
	}
}

// deliver delivers a packet.
func (w *world) deliver(p packet) {
	message, problems, err := DecodeMessage(p.payload)
	if err != nil || len(problems) > 0 {
		w.t.Fatalf("%s: %v, %v", p.payload, err, problems)
	}
	answers, err := w.nodes[p.to].Handle(context.Background(), p.from, message)
	if err != nil {
		w.t.Fatal(err)
	}
	w.send(p.to, p.from, answers...)
}

// push sends what changed at a node.
func (w *world) push(name string) {
	n := w.nodes[name]
	changed, err := n.Changes(context.Background(), n.pushed, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	peers := []string{Hub}
	if name == Hub {
		peers = w.names[1:]
	}
	for _, peer := range peers {
		w.send(name, peer, n.Push(peer, changed)...)
	}
	if len(changed) > 0 {
		n.pushed = changed[len(changed)-1].Change
	}
}

// compare lets a site send its digests.
func (w *world) compare(site string) {
	message, err := w.nodes[site].Digests(context.Background(), Hub)
	if err != nil {
		w.t.Fatal(err)
	}
	w.send(site, Hub, message)
}

func (w *world) write(at string, name Name, value string) {
	n := w.nodes[at]
	var written Record
	var err error
	if value == "" {
		written, err = n.Delete(context.Background(), name)
		if errors.Is(err, ErrNotFound) {
			return
		}
	} else {
		written, err = n.Set(context.Background(), name, json.RawMessage(value), 1)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.written[name] = append(w.written[name], written)
}

// records returns everything that a node has, with tombstones, of the names that it shares with a site.
func (w *world) records(at, site string) map[Name]Record {
	found := map[Name]Record{}
	err := w.nodes[at].transact(context.Background(), func(tx *transaction) error {
		records, err := tx.selectRecords(visible, site)
		for _, each := range records {
			found[each.Name] = each
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// settle lets everything arrive until all sites agree with the hub.
func (w *world) settle() {
	for range 12 {
		for len(w.underWay) > 0 {
			next := w.underWay[0]
			w.underWay = w.underWay[1:]
			w.deliver(next)
		}
		equal := true
		for _, site := range w.names[1:] {
			equal = equal && w.agree(site)
		}
		if equal {
			return
		}
		for _, site := range w.names[1:] {
			w.compare(site)
		}
	}
	for _, site := range w.names[1:] {
		w.t.Errorf("%s: %v\n%s: %v", Hub, describe(w.records(Hub, site)), site, describe(w.records(site, site)))
	}
	w.t.Fatal("the sites do not agree with the hub")
}

func (w *world) agree(site string) bool {
	hub, here := w.records(Hub, site), w.records(site, site)
	if len(hub) != len(here) {
		return false
	}
	for name, each := range hub {
		if here[name].Version() != each.Version() {
			return false
		}
	}
	return true
}

// losers returns the records in the logs of conflicts.
func (w *world) losers() map[Name][]Record {
	found := map[Name][]Record{}
	for _, n := range w.nodes {
		conflicts, err := n.Conflicts(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, each := range conflicts {
			found[each.Loser.Name] = append(found[each.Loser.Name], each.Loser)
		}
	}
	return found
}

func describe(records map[Name]Record) []string {
	var lines []string
	for name, each := range records {
		lines = append(lines, fmt.Sprintf("%s=%s@%s/%s %v", name, each.Value, each.Stamp, each.Origin, each.Writes))
	}
	slices.Sort(lines)
	return lines
}
