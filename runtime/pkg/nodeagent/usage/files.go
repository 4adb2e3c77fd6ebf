package usage

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// maxFileSize limits what is read of one file. /proc/stat of a machine with many cores is the largest.
const maxFileSize = 1 << 20

// readFile returns the content of a file of the kernel, up to maxFileSize.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	// Files of the kernel have no size, so the buffer grows with what is read. Few are larger than a page.
	content := make([]byte, 0, 4096)
	for {
		n, err := file.Read(content[len(content):cap(content)])
		content = content[:len(content)+n]
		if n == 0 || err != nil || len(content) >= maxFileSize {
			return content, nil
		}
		if len(content) == cap(content) {
			content = append(content, make([]byte, len(content))...)[:len(content)]
		}
	}
}

// readNumber returns the number that a file holds.
func readNumber(path string) (float64, bool) {
	content, err := readFile(path)
	if err != nil {
		return 0, false
	}
	number, err := strconv.ParseFloat(string(bytes.TrimSpace(content)), 64)
	return number, err == nil
}

// readField returns the number after a key, in a file with one "key number" per line. The key may end with a colon.
func readField(content []byte, key string) (uint64, bool) {
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == key {
			number, err := strconv.ParseUint(fields[1], 10, 64)
			return number, err == nil
		}
	}
	return 0, false
}
