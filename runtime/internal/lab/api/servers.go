package api

import (
	"net/http"

	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
)

// registerServers adds the paths of servers.
func (s *Server) registerServers(mux *http.ServeMux) {
	mux.HandleFunc("PUT /v1/servers/{name}", func(w http.ResponseWriter, r *http.Request) {
		var request machines.ServerRequest
		if !readJSON(w, r, &request, "a server") {
			return
		}
		server, err := s.Machines.PutServer(r.PathValue("name"), request)
		writeResult(w, server, err)
	})
	mux.HandleFunc("DELETE /v1/servers/{name}", func(w http.ResponseWriter, r *http.Request) {
		writeResult(w, struct{}{}, s.Machines.DeleteServer(r.PathValue("name")))
	})
	for path, call := range map[string]func(name string) (machines.Server, error){
		"GET /v1/servers/{name}":        s.Machines.GetServer,
		"POST /v1/servers/{name}/stop":  s.Machines.StopServer,
		"POST /v1/servers/{name}/start": s.Machines.StartServer,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			server, err := call(r.PathValue("name"))
			writeResult(w, server, err)
		})
	}
}
