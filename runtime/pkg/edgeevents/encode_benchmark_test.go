package edgeevents

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// BenchmarkEncode encodes what devices publish: content that is JSON, and content that is not.
func BenchmarkEncode(b *testing.B) {
	for _, size := range []int{16, 1024, 65536} {
		content := bytes.Repeat([]byte{0xfb}, size)
		text, _ := json.Marshal(string(bytes.Repeat([]byte("x"), size-2)))
		for name, event := range map[string]Event{"binary": {Binary: content}, "JSON": {Data: text}} {
			event.Type, event.Subject, event.Time = TypeDeviceMessage, "devices/a", time.Unix(1e9, 5e8)
			b.Run(fmt.Sprintf("%s of %d bytes", name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := event.Encode(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
