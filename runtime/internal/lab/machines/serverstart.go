package machines

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/parameters"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// prepareStart does what the boot program does on a real machine before every start of K3s. It returns the first step that runs
// K3s: stepRestore or stepStart.
func (m *Manager) prepareStart(saved savedServer, clusterURL string) (startStep, error) {
	machine, err := userdata.Parse(saved.Request.UserData)
	if err != nil {
		return startStep{}, err
	}
	dir := m.serverDir(saved.Name)
	for {
		state, err := m.observeStart(saved.ID, dir, machine.Document)
		if err != nil {
			return startStep{}, err
		}
		step := decideStart(state, machine.Document.Birth)
		switch step.Kind {
		case stepClaim:
			_, err = m.Parameters.Create(machine.Document.FullName(step.Parameter), saved.ID)
		case stepDiscard:
			err = controlplane.DiscardData(dir)
		case stepRestore:
			return step, controlplane.WriteBirth(dir, true, clusterURL)
		default:
			if state.Restore != nil {
				err = controlplane.WriteRestored(dir, state.Restore.ID)
			}
			return step, errors.Join(err, controlplane.WriteBirth(dir, step.Mode == modeInit, clusterURL))
		}
		if err != nil {
			return startStep{}, err
		}
	}
}

func (m *Manager) observeStart(id, dir string, document userdata.Document) (state startState, err error) {
	state = startState{Machine: id, HasData: controlplane.HasData(dir)}
	if state.Restored, err = controlplane.Restored(dir); err != nil {
		return state, err
	}
	if state.Birth, err = m.findParameter(document.FullName(document.Birth)); err != nil {
		return state, err
	}
	text, err := m.findParameter(document.FullName(document.Restore))
	if err != nil || text == "" {
		return state, err
	}
	state.Restore = &restoreOrder{}
	if err := json.Unmarshal([]byte(text), state.Restore); err != nil || state.Restore.ID == "" || state.Restore.Snapshot == "" {
		return state, fmt.Errorf("parameter %s: must be the order of a restore, as JSON", document.FullName(document.Restore))
	}
	state.Restorer, err = m.findParameter(document.FullName(restoreClaim(state.Restore.ID)))
	return state, err
}

// findParameter returns the value of a parameter, or "" if there is none.
func (m *Manager) findParameter(name string) (string, error) {
	value, err := m.Parameters.Get(name)
	if errors.Is(err, parameters.ErrNotFound) {
		return "", nil
	}
	return value, err
}
