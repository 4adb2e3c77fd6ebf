//go:build onewire

package sensors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOneWire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w1_slave")
	const crc = "a3 01 4b 46 7f ff 0d 10 ce : crc=ce "
	for text, want := range map[string]string{
		crc + "YES\na3 01 4b 46 7f ff 0d 10 ce t=26187\n": "", crc + "NO\na3 t=26187\n": "the checksum is wrong", crc + "YES\na3\n": "has no temperature",
		crc + "YES\na3 t=85000\n": "has not measured", "": "the checksum is wrong", crc + "YES\nt=warm": "must be a number",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		value, err := oneWire{path}.Read(t.Context())
		if want == "" && (err != nil || value != 26.187) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, %v", text, value, err)
		}
	}
}
