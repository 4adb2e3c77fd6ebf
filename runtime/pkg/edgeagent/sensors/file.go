package sensors

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

// maxFileBytes is how much is read of a file.
const maxFileBytes = 4 << 10

// file reads the number at the beginning of a file.
type file struct{ config.File }

func (f file) Read(context.Context) (float64, error) {
	text, err := readFile(f.Path)
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0, fmt.Errorf("%s: is empty", f.Path)
	}
	number, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %.40q: must be a number", f.Path, fields[0])
	}
	return number*f.Scale + f.Offset, nil
}

func readFile(path string) (string, error) {
	opened, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxFileBytes))
	return string(text), err
}
