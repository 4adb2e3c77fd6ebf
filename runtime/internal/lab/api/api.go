// Package api serves the HTTP API of the lab: machines, addresses, parameters, buckets, logs and status.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/buckets"
	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/parameters"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
)

// Server serves version 1 of the lab's API.
type Server struct {
	Machines *machines.Manager
	Pods     *pods.Registry
	Logs     Logs
	Started  time.Time
	Stop     context.CancelFunc
	// Simulation tells what the lab simulates although it could run it elsewhere. Optional.
	Simulation *programs.Simulation
}

// maxBodyBytes limits request bodies.
const maxBodyBytes = 4 << 20

type status struct {
	Version       int                      `json:"version"`
	PID           int                      `json:"pid"`
	UptimeSeconds int                      `json:"uptimeSeconds"`
	Addresses     []machines.Address       `json:"addresses"`
	Groups        []machines.Group         `json:"groups"`
	Clusters      []machines.ClusterStatus `json:"clusters"`
	Servers       []machines.Server        `json:"servers"`
	Processes     []pods.Process           `json:"processes"`
	Simulation    *programs.Simulation     `json:"simulation,omitempty"`
}

// Handler returns the HTTP handler of the API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, status{
			Version: 1, PID: os.Getpid(), UptimeSeconds: int(time.Since(s.Started).Seconds()),
			Addresses: s.Machines.Addresses(), Groups: s.Machines.List(),
			Clusters: s.Machines.Clusters(), Servers: s.Machines.Servers(), Processes: s.Pods.List(),
			Simulation: s.Simulation,
		})
	})
	mux.HandleFunc("PUT /v1/addresses/{name}", func(w http.ResponseWriter, r *http.Request) {
		address, err := s.Machines.Reserve(r.PathValue("name"))
		writeResult(w, address, err)
	})
	mux.HandleFunc("DELETE /v1/addresses/{name}", func(w http.ResponseWriter, r *http.Request) {
		writeResult(w, struct{}{}, s.Machines.Free(r.PathValue("name")))
	})
	mux.HandleFunc("GET /v1/groups/{name}", func(w http.ResponseWriter, r *http.Request) {
		group, err := s.Machines.Get(r.PathValue("name"))
		writeResult(w, group, err)
	})
	mux.HandleFunc("PUT /v1/groups/{name}", s.putGroup)
	mux.HandleFunc("DELETE /v1/groups/{name}", func(w http.ResponseWriter, r *http.Request) {
		writeResult(w, struct{}{}, s.Machines.Delete(r.Context(), r.PathValue("name")))
	})
	mux.HandleFunc("PUT /v1/parameters/{name...}", s.putParameter)
	mux.HandleFunc("DELETE /v1/parameters/{name...}", func(w http.ResponseWriter, r *http.Request) {
		writeResult(w, struct{}{}, asRequestError(s.Machines.Parameters.Delete("/"+r.PathValue("name"))))
	})
	mux.HandleFunc("GET /v1/buckets/{bucket}/{folder...}", func(w http.ResponseWriter, r *http.Request) {
		objects, err := s.Machines.Buckets.List(r.PathValue("bucket"), r.PathValue("folder"))
		writeResult(w, objects, asRequestError(err))
	})
	s.registerServers(mux)
	s.registerNodes(mux)
	mux.HandleFunc("GET /v1/logs", s.Logs.list)
	mux.HandleFunc("GET /v1/logs/{name}", s.Logs.show)
	mux.HandleFunc("POST /v1/stop", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, struct{}{})
		s.Stop()
	})
	return mux
}

func (s *Server) putGroup(w http.ResponseWriter, r *http.Request) {
	var request machines.Request
	if !readJSON(w, r, &request, "a group") {
		return
	}
	group, err := s.Machines.Put(r.Context(), r.PathValue("name"), request)
	if err != nil {
		writeJSON(w, statusCode(err), failure{Error: err.Error(), Machines: group.Machines})
		return
	}
	writeJSON(w, http.StatusOK, group)
}

// putParameter stores a parameter. No response contains a value.
func (s *Server) putParameter(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Value string `json:"value"`
	}
	if !readJSON(w, r, &request, "a parameter") {
		return
	}
	if request.Value == "" {
		writeJSON(w, http.StatusBadRequest, failure{Error: "value must not be empty"})
		return
	}
	writeResult(w, struct{}{}, asRequestError(s.Machines.Parameters.Put("/"+r.PathValue("name"), request.Value)))
}

// asRequestError gives an invalid name or key the status of an invalid request.
func asRequestError(err error) error {
	if errors.Is(err, parameters.ErrInvalidName) || errors.Is(err, buckets.ErrInvalidKey) {
		return machines.Error{Status: http.StatusBadRequest, Message: err.Error()}
	}
	return err
}

// readJSON decodes the request body. If it is invalid, it responds with an error and returns false.
func readJSON(w http.ResponseWriter, r *http.Request, into any, what string) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		// The decoder's error may quote the body, which contains credentials.
		writeJSON(w, http.StatusBadRequest, failure{Error: "the request body must be " + what + ": unknown field or invalid JSON"})
		return false
	}
	return true
}

type failure struct {
	Error    string             `json:"error"`
	Machines []machines.Machine `json:"machines,omitempty"`
}

func writeResult(w http.ResponseWriter, value any, err error) {
	if err != nil {
		writeJSON(w, statusCode(err), failure{Error: err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, value)
}

func statusCode(err error) int {
	var apiError machines.Error
	if errors.As(err, &apiError) {
		return apiError.Status
	}
	return http.StatusInternalServerError
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
