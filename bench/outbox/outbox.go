package main

import (
	"context"
	"errors"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

type outboxStore struct {
	outbox *outbox.Outbox
	queue  *outbox.Queue
}

func openOutbox(folder string) (store, error) {
	opened, err := outbox.Open(outbox.Options{
		Dir: folder, Node: "bench", Classes: []outbox.Class{{Name: "telemetry", MaxBytes: 16 << 30, WhenFull: outbox.Refuse}},
	})
	if err != nil {
		return nil, err
	}
	return &outboxStore{outbox: opened, queue: opened.Queue("telemetry")}, nil
}

func (s *outboxStore) append(payload []byte) error {
	_, err := s.queue.Append(context.Background(), payload)
	return err
}

func (s *outboxStore) read() (int, error) {
	reader := s.queue.Reader(0)
	for count := 0; ; count++ {
		if _, err := reader.Next(); errors.Is(err, outbox.ErrNoMessage) {
			return count, nil
		} else if err != nil {
			return count, err
		}
	}
}

func (s *outboxStore) close() error { return s.outbox.Close() }
