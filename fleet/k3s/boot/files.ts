import type { WrittenFile } from "../written-file";
import { COMPRESSED_PROGRAM } from "./compressed-program";
import { K3S_UNITS, type MachineRole, renderUnit } from "./unit";

const PROGRAM = "/usr/local/lib/skerry/boot.py";
/** Exists once the boot program has prepared the machine. */
const PREPARED = "/var/lib/skerry/prepared";

/** Marks of the modules of cloud-init that bring a machine to its first start of K3s. It runs them once per instance. */
const MARKS = ["config_write_files", "config_set_hostname", "config_runcmd", "config_scripts_user"] as const;

/**
 * Commands for cloud-init's `bootcmd`, which runs at every boot, before files are written.
 *
 * cloud-init marks a module as done before it runs it, so a power cut would leave a machine whose files are missing or
 * truncated for good. Until the boot program has finished, these commands remove the marks, and cloud-init repeats its work.
 */
export const BOOT_COMMANDS: readonly (readonly string[])[] = [
  ["sh", "-c", `[ -e ${PREPARED} ] || { cd /var/lib/cloud/instance/sem && rm -f ${MARKS.join(" ")}; }`],
];

/** Returns the boot program, and the unit that runs it before K3s. The program executes the machine document. */
export const bootFiles = (role: MachineRole): readonly WrittenFile[] => [
  { path: PROGRAM, content: COMPRESSED_PROGRAM, encoding: "gz+b64", permissions: "0700" },
  {
    path: `/etc/systemd/system/${K3S_UNITS[role]}.service`,
    // -I ignores the environment and the working directory.
    content: renderUnit(role, `/usr/bin/python3 -I ${PROGRAM}`),
    permissions: "0644",
  },
];
