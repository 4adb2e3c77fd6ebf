// Command outbox measures the outbox against bbolt, SQLite and the disk. Each measurement is a process of its own, which
// prints one line of JSON.
//
//	outbox append <store> <folder> <bytes> <producers> <duration>
//	outbox fill   <store> <folder> <bytes> <messages>
//	outbox open   <store> <folder>
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"
)

func main() {
	log.SetFlags(0)
	arguments := os.Args[1:]
	var result any
	var err error
	switch {
	case len(arguments) == 6 && arguments[0] == "append":
		var duration time.Duration
		if duration, err = time.ParseDuration(arguments[5]); err == nil {
			result, err = measureAppends(arguments[1], arguments[2], number(arguments[3]), number(arguments[4]), duration)
		}
	case len(arguments) == 5 && arguments[0] == "fill":
		result, err = fill(arguments[1], arguments[2], number(arguments[3]), number(arguments[4]))
	case len(arguments) == 3 && arguments[0] == "open":
		result, err = measureOpen(arguments[1], arguments[2])
	default:
		log.Fatal("unknown arguments: must be append, fill or open with their arguments")
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(fmt.Errorf("%q: must be a number", text))
	}
	return value
}
