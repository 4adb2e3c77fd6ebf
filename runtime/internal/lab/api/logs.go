package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Logs serves the log files of a directory, by file name without ".log".
type Logs struct {
	Dir string
}

const (
	defaultTail    = 200
	followInterval = 300 * time.Millisecond
)

func (l Logs) names() []string {
	files, _ := filepath.Glob(filepath.Join(l.Dir, "*.log"))
	names := make([]string, 0, len(files))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".log"))
	}
	sort.Strings(names)
	return names
}

func (l Logs) list(w http.ResponseWriter, _ *http.Request) {
	for _, name := range l.names() {
		_, _ = io.WriteString(w, name+"\n")
	}
}

func (l Logs) show(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	names := l.names()
	if i := sort.SearchStrings(names, name); i == len(names) || names[i] != name {
		writeJSON(w, http.StatusNotFound, failure{Error: fmt.Sprintf("log %q not found: must be one of: %s", name, strings.Join(names, ", "))})
		return
	}
	tail, err := strconv.Atoi(r.URL.Query().Get("tail"))
	if err != nil || tail < 0 {
		tail = defaultTail
	}
	path := filepath.Join(l.Dir, name+".log")
	content, err := os.ReadFile(path)
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, failure{Error: "failed to read the log"})
		return
	}
	_, _ = w.Write(lastLines(content, tail))
	if r.URL.Query().Get("follow") == "" {
		return
	}
	for offset := int64(len(content)); ; {
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(followInterval):
		}
		offset = copyFrom(w, path, offset)
	}
}

// copyFrom writes the content after an offset and returns the new offset. A file that shrank was rotated, and is read from
// its start.
func copyFrom(w io.Writer, path string, offset int64) int64 {
	file, err := os.Open(path)
	if err != nil {
		return offset
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() < offset {
		offset = 0
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return offset
	}
	n, _ := io.Copy(w, file)
	return offset + n
}

func lastLines(content []byte, count int) []byte {
	end := len(bytes.TrimRight(content, "\n"))
	at := end
	for ; count > 0 && at > 0; count-- {
		at = bytes.LastIndexByte(content[:at], '\n')
	}
	return content[max(at+1, 0):]
}
