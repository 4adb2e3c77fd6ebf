package api

import "net/http"

// registerNodes adds the paths of the machines behind nodes.
func (s *Server) registerNodes(mux *http.ServeMux) {
	mux.HandleFunc("PUT /v1/nodes/{cluster}/{node}/k3s", func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			Version string `json:"version"`
		}
		if !readJSON(w, r, &request, "a version of K3s") {
			return
		}
		writeResult(w, struct{}{}, s.Machines.InstallK3s(r.PathValue("cluster"), r.PathValue("node"), request.Version))
	})
}
