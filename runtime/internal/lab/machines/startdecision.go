package machines

// startState is what a server finds before K3s starts.
type startState struct {
	// Machine is the id of this machine.
	Machine string `json:"machine"`
	// HasData reports whether the disk has data of etcd, and Restored is the id of the restore that it is from.
	HasData  bool   `json:"hasData"`
	Restored string `json:"restored"`
	// Birth is the machine that created the cluster.
	Birth string `json:"birth"`
	// Restore is the order of a restore, and Restorer the machine that carries it out.
	Restore  *restoreOrder `json:"restore"`
	Restorer string        `json:"restorer"`
}

// restoreOrder is the value of parameter `restore`.
type restoreOrder struct {
	APIVersion string `json:"apiVersion"`
	ID         string `json:"id"`
	Snapshot   string `json:"snapshot"`
}

// Kinds of steps.
const (
	stepClaim   = "claim"
	stepDiscard = "discard"
	stepRestore = "restore"
	stepStart   = "start"
)

// startStep is the next step of a server. After each step except `start`, the server observes and decides again.
type startStep struct {
	Kind string `json:"kind"`
	// Parameter is the parameter to put for `claim`.
	Parameter string `json:"parameter,omitempty"`
	// Snapshot and ID describe the restore for `restore`.
	Snapshot string `json:"snapshot,omitempty"`
	ID       string `json:"id,omitempty"`
	// Mode is `init` or `join` for `start`.
	Mode string `json:"mode,omitempty"`
}

const (
	modeInit = "init"
	modeJoin = "join"
)

// decideStart decides the next step of a server, as fleet/k3s/server-start.ts specifies.
func decideStart(s startState, birth string) startStep {
	mode := func(create bool) startStep {
		if create {
			return startStep{Kind: stepStart, Mode: modeInit}
		}
		return startStep{Kind: stepStart, Mode: modeJoin}
	}
	switch {
	case s.Restore != nil && s.Restored != s.Restore.ID:
		switch {
		case s.Restorer == "":
			return startStep{Kind: stepClaim, Parameter: restoreClaim(s.Restore.ID)}
		case s.Restorer == s.Machine:
			return startStep{Kind: stepRestore, Snapshot: s.Restore.Snapshot, ID: s.Restore.ID}
		case s.HasData:
			return startStep{Kind: stepDiscard}
		}
		return mode(false)
	case s.HasData:
		return mode(s.Birth == s.Machine || s.Restorer == s.Machine)
	case s.Restore != nil:
		return mode(false)
	case s.Birth == "":
		return startStep{Kind: stepClaim, Parameter: birth}
	}
	return mode(s.Birth == s.Machine)
}

// restoreClaim returns the parameter by which one server claims a restore.
func restoreClaim(id string) string { return "restores/" + id }
