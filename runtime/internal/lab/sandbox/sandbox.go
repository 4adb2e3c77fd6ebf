// Package sandbox runs a program as a container would, with a file system, a hosts file and a user of its own, and without root or an
// image: in a user namespace and a mount namespace. It sees the files of this machine read-only, and its volumes at their mount paths.
// It ends with the process that started it.
package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Subcommand is the command of the lab that Command starts, and that must call Enter.
const Subcommand = "sandbox"

// Mount makes a file or folder of this machine visible at another path.
type Mount struct {
	Source   string `json:"source"`
	Target   string `json:"target"`
	ReadOnly bool   `json:"readOnly,omitempty"`
}

// Spec describes a sandbox. All paths are absolute.
type Spec struct {
	// Root is an empty folder, at which the file system is assembled. Nothing is written to it.
	Root string `json:"root"`
	// Mounts are the volumes. The first element of a target hides the folder of this machine with that name, if it does not
	// contain the target.
	Mounts []Mount `json:"mounts"`
	// Program is the path of the program on this machine.
	Program string   `json:"program"`
	Args    []string `json:"args"`
	// WorkingDir is created if it is not part of a volume or of this machine.
	WorkingDir string `json:"workingDir"`

	// Parent is the process that starts the sandbox. Command sets it.
	Parent int `json:"parent"`
}

// Command returns a command that runs a program in a sandbox, as a user and a group that own the files of this process there.
func Command(spec Spec, user, group int) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	spec.Parent = os.Getpid()
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	command := exec.Command(self, Subcommand, string(text))
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: group, HostID: os.Getgid(), Size: 1}},
		// The user is not root in its namespace, so only ambient capabilities survive the start of Enter.
		AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN},
	}
	return command, nil
}

// Enter assembles the file system of a sandbox, and replaces this process by the program. It returns only if that fails.
func Enter(text string) error {
	var spec Spec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	if err := assemble(spec); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	// The thread that calls exec is the one that remains.
	runtime.LockOSThread()
	if err := dropPrivileges(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	if err := endWith(spec.Parent); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return syscall.Exec(spec.Program, append([]string{spec.Program}, spec.Args...), os.Environ())
}

func assemble(spec Spec) error {
	// Nothing that is mounted here may be visible outside.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := unix.Mount("tmpfs", spec.Root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=1m,mode=755"); err != nil {
		return fmt.Errorf("mounting %s: %w", spec.Root, err)
	}
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if hides(spec.Mounts, entry.Name()) {
			continue
		}
		if err := show(spec.Root, entry); err != nil {
			return err
		}
	}
	for _, mount := range spec.Mounts {
		if err := bind(spec.Root, mount); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(spec.Root, spec.WorkingDir), 0o755); err != nil {
		return err
	}
	if err := os.Chdir(spec.Root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("changing the root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leaving the old root: %w", err)
	}
	return os.Chdir(filepath.Join("/", spec.WorkingDir))
}

// hides reports whether mounts replace a folder of the root of this machine: a target is in it, and does not exist.
func hides(mounts []Mount, name string) bool {
	for _, mount := range mounts {
		first, _, _ := strings.Cut(strings.TrimPrefix(mount.Target, "/"), "/")
		if _, err := os.Lstat(mount.Target); first == name && errors.Is(err, os.ErrNotExist) {
			return true
		}
	}
	return false
}

// show makes an entry of the root of this machine visible, read-only.
func show(root string, entry os.DirEntry) error {
	source, target := filepath.Join("/", entry.Name()), filepath.Join(root, entry.Name())
	if entry.Type()&os.ModeSymlink != 0 {
		link, err := os.Readlink(source)
		if err != nil {
			return err
		}
		return os.Symlink(link, target)
	}
	return bind(root, Mount{Source: source, Target: source, ReadOnly: true})
}

func bind(root string, mount Mount) error {
	info, err := os.Stat(mount.Source)
	if err != nil {
		return err
	}
	target := filepath.Join(root, mount.Target)
	if err := createMountPoint(target, info.IsDir()); err != nil {
		return fmt.Errorf("mount path %s: %w", mount.Target, err)
	}
	if err := unix.Mount(mount.Source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mounting %s at %s: %w", mount.Source, mount.Target, err)
	}
	if !mount.ReadOnly {
		return nil
	}
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(unix.AT_FDCWD, target, unix.AT_RECURSIVE, &attributes); err != nil {
		return fmt.Errorf("making %s read-only: %w", mount.Target, err)
	}
	return nil
}

func createMountPoint(path string, folder bool) error {
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	if folder {
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, nil, 0o644)
}

// dropPrivileges gives up the capabilities that assemble needed, for good.
func dropPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
}

// endWith lets the kernel kill this process when its parent ends. SysProcAttr.Pdeathsig asked for that, but on behalf of the first
// thread of this process.
func endWith(parent int) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	if os.Getppid() != parent {
		return errors.New("the process that started it has ended")
	}
	return nil
}

// Permitted returns why this machine permits no sandboxes, or nil.
func Permitted() error {
	root, err := os.MkdirTemp("", "skerry-sandbox-")
	if err != nil {
		return err
	}
	defer os.Remove(root)
	command, err := Command(Spec{Root: root, Program: "/bin/true"}, 1, 1)
	if err != nil {
		return err
	}
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w %s", err, bytes.TrimSpace(output))
	}
	return nil
}
