package pods

import (
	"os/exec"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
	"github.com/skerry-dev/skerry/runtime/internal/lab/sandbox"
)

// defaultUser is the user of containers that state none. It is not root.
const defaultUser = 65532

// sandboxOf returns the sandbox of a container: its volumes at their mount paths, and the hosts file of its pod.
func (i *instance) sandboxOf(dir, root string, spec corev1.Container) sandbox.Spec {
	mounts := []sandbox.Mount{{Source: dir, Target: dir}, {Source: hostsFile(dir), Target: "/etc/hosts", ReadOnly: true}}
	for _, mount := range sortByPath(spec.VolumeMounts) {
		source := filepath.Join(volumeDir(dir, mount.Name), mount.SubPath)
		mounts = append(mounts, sandbox.Mount{Source: source, Target: mount.MountPath, ReadOnly: mount.ReadOnly})
	}
	if program, _ := i.runner.Programs.Find(spec.Image); program.Name == programs.NodeAgent {
		mounts = append(mounts, sandbox.Mount{Source: procDir(dir), Target: "/proc", ReadOnly: true})
	}
	return sandbox.Spec{Root: root, Mounts: mounts, WorkingDir: spec.WorkingDir}
}

// user returns the user and the group of a container.
func (i *instance) user(spec corev1.Container) (user, group int) {
	user, group = defaultUser, defaultUser
	if pod := i.pod.Spec.SecurityContext; pod != nil {
		user, group = orElse(pod.RunAsUser, user), orElse(pod.RunAsGroup, group)
	}
	if own := spec.SecurityContext; own != nil {
		user, group = orElse(own.RunAsUser, user), orElse(own.RunAsGroup, group)
	}
	return user, group
}

func orElse(value *int64, other int) int {
	if value == nil {
		return other
	}
	return int(*value)
}

// command returns the command of a container's process.
func (p preparedContainer) command() (*exec.Cmd, error) {
	var command *exec.Cmd
	if p.sandbox == nil {
		command = exec.Command(p.program, p.args...)
		command.Dir = p.dir
	} else {
		spec := *p.sandbox
		spec.Program, spec.Args = p.program, p.args
		var err error
		if command, err = sandbox.Command(spec, p.user, p.group); err != nil {
			return nil, err
		}
	}
	command.Env = p.environment
	command.Stdout, command.Stderr = p.log, p.log
	return command, nil
}
