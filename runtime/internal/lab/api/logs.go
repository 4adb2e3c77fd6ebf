package api

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Logs shows the files of one folder, by their names without ".log".
type Logs struct {
	Folder string
}

const (
	defaultTail = 200
	followPause = 300 * time.Millisecond
)

func (l Logs) names() []string {
	files, _ := filepath.Glob(filepath.Join(l.Folder, "*.log"))
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
	known := l.names()
	if i := sort.SearchStrings(known, name); i == len(known) || known[i] != name {
		reply(w, http.StatusNotFound, failure{Error: "no log " + name + "; there are: " + strings.Join(known, ", ")})
		return
	}
	tail, err := strconv.Atoi(r.URL.Query().Get("tail"))
	if err != nil || tail < 0 {
		tail = defaultTail
	}
	path := filepath.Join(l.Folder, name+".log")
	content, err := os.ReadFile(path)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure{Error: "the log cannot be read"})
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
		case <-time.After(followPause):
		}
		offset = copyFrom(w, path, offset)
	}
}

// copyFrom writes what came after an offset, and gives the new one. A file that shrank was set aside: it begins anew.
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
