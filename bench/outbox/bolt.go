package main

import (
	"encoding/binary"

	"go.etcd.io/bbolt"
)

var messages = []byte("messages")

// bolt keeps messages in one bucket, by sequence.
type bolt struct {
	db    *bbolt.DB
	group group
	how   func(*bolt, []byte) error
}

func openBolt(path string, appendTo func(*bolt, []byte) error) (store, error) {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return nil, err
	}
	opened := &bolt{db: db, how: appendTo}
	opened.group.commit = opened.put
	return opened, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(messages)
		return err
	})
}

func (b *bolt) append(payload []byte) error { return b.how(b, payload) }

// appendGrouped shares a transaction with the appends that arrive during the transaction before.
func (b *bolt) appendGrouped(payload []byte) error { return b.group.append(payload) }

// appendBatch leaves the grouping to bbolt, which waits up to 10 ms for more.
func (b *bolt) appendBatch(payload []byte) error {
	return b.db.Batch(func(tx *bbolt.Tx) error { return putAll(tx, [][]byte{payload}) })
}

func (b *bolt) put(payloads [][]byte) error {
	return b.db.Update(func(tx *bbolt.Tx) error { return putAll(tx, payloads) })
}

func putAll(tx *bbolt.Tx, payloads [][]byte) error {
	bucket := tx.Bucket(messages)
	// Sequences only grow: pages need no room for later keys.
	bucket.FillPercent = 1
	for _, payload := range payloads {
		sequence, err := bucket.NextSequence()
		if err != nil {
			return err
		}
		if err := bucket.Put(binary.BigEndian.AppendUint64(nil, sequence), payload); err != nil {
			return err
		}
	}
	return nil
}

func (b *bolt) read() (int, error) {
	count := 0
	err := b.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(messages).ForEach(func(_, _ []byte) error {
			count++
			return nil
		})
	})
	return count, err
}

func (b *bolt) close() error { return b.db.Close() }
