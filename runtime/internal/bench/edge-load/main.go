// Command edge-load is the load of the benchmark of the edge agent. Each verb prints one line of JSON.
//
//	edge-load publish <broker> <bytes> <devices> <in flight> <duration>   publishes with QoS 1 and counts acknowledgements
//	edge-load fill    <broker> <bytes> <messages>                         publishes so many messages
//	edge-load listen  <broker> <filter>                                   makes the broker keep messages for an absent subscriber
//	edge-load cloud   <broker> <messages>                                 stores and acknowledges messages like the cloud
//	edge-load promise <broker>                                            publishes until the broker is killed, and tells what it acknowledged
//	edge-load collect <broker> <quiet>                                    tells what arrives until nothing does for a while
//	edge-load disk    <folder> <bytes> <batch> <duration>                 writes batches with one write and one fsync each
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
	if len(os.Args) < 3 {
		log.Fatal("must have a verb and its arguments")
	}
	verb, arguments := os.Args[1], os.Args[2:]
	var result any
	var err error
	switch {
	case verb == "publish" && len(arguments) == 5:
		result, err = publish(arguments[0], number(arguments[1]), number(arguments[2]), number(arguments[3]), 0, duration(arguments[4]))
	case verb == "fill" && len(arguments) == 3:
		result, err = publish(arguments[0], number(arguments[1]), 8, 64, number(arguments[2]), time.Hour)
	case verb == "listen" && len(arguments) == 2:
		result, err = nil, listen(arguments[0], arguments[1])
	case verb == "cloud" && len(arguments) == 2:
		result, err = runCloud(arguments[0], number(arguments[1]))
	case verb == "promise" && len(arguments) == 1:
		result, err = promise(arguments[0])
	case verb == "collect" && len(arguments) == 2:
		result, err = collect(arguments[0], duration(arguments[1]))
	case verb == "disk" && len(arguments) == 4:
		result, err = writeBatches(arguments[0], number(arguments[1]), number(arguments[2]), duration(arguments[3]))
	default:
		err = fmt.Errorf("%s: unknown verb, or a wrong number of arguments", verb)
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
		log.Fatalf("%q: must be a number", text)
	}
	return value
}

func duration(text string) time.Duration {
	value, err := time.ParseDuration(text)
	if err != nil {
		log.Fatalf("%q: must be a duration", text)
	}
	return value
}
