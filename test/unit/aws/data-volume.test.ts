import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { checkWithShellcheck, hasShellcheck } from "../support/shellcheck";
import { mountDataVolume } from "../../../components/nodes/aws/data-volume";

/** Runs the program that mounts a data volume with stand-ins for the commands that need an instance. */

interface WrittenFile {
  readonly path: string;
  readonly permissions: string;
  readonly content: string;
}

const USER_DATA = "#cloud-config\nwrite_files: []\nruncmd: [[systemctl, enable, --now, k3s]]\n";
const { write_files: files } = parse(mountDataVolume(USER_DATA)) as { readonly write_files: readonly WrittenFile[] };
const contentOf = (path: string): string => files.find((file) => file.path === path)!.content;
const script = contentOf("/usr/local/sbin/skerry-data-volume");

/** Disks by name: what kind they are, and the label of their file system. */
interface Disk {
  readonly model: string;
  readonly isBlank: boolean;
  readonly label?: string;
  readonly partitions?: number;
}
const EBS = "Amazon Elastic Block Store";
const root: Disk = { model: EBS, isBlank: false, partitions: 3 };

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "skerry-data-volume-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the script. Returns its calls of mkfs and mount, and its error. */
function run(disks: Readonly<Record<string, Disk>>): { calls: string[]; stderr: string; status: number | null } {
  const bin = join(folder, "bin");
  const calls = join(folder, "calls");
  mkdirSync(bin, { recursive: true });
  const stub = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/bash\n${body}`);
    chmodSync(join(bin, name), 0o755);
  };
  const cases = (entries: readonly (readonly [string, string])[]): string =>
    entries.map(([pattern, body]) => `  ${pattern}) ${body} ;;`).join("\n");
  const all = Object.entries(disks).map(([name, disk]) => [`/dev/${name}`, disk] as const);
  const labelled = all.find(([, { label }]) => label !== undefined)?.[0] ?? "";
  stub(
    "lsblk",
    `case "$*" in
  *NAME,TYPE*) printf '${all.map(([path]) => `${path} disk\\n`).join("")}' ;;
${cases(all.map(([path, { model }]) => [`*MODEL*${path}`, `echo "${model}"`]))}
${cases(all.map(([path, { partitions = 0 }]) => [`*${path}`, `for each in $(seq 0 ${partitions}); do echo "$each"; done`]))}
esac`,
  );
  stub(
    "blkid",
    `case "$*" in
  --label*) [ -e "${folder}/formatted" ] && cat "${folder}/formatted" && exit; [ -n "${labelled}" ] && echo "${labelled}" || exit 2 ;;
${cases(all.map(([path, { isBlank }]) => [`*${path}`, isBlank ? "exit 2" : "exit 0"]))}
esac`,
  );
  stub("mkfs.ext4", `echo "mkfs $*" >>"${calls}"; echo "\${!#}" >"${folder}/formatted"`);
  stub("mount", `echo "mount $*" >>"${calls}"`);
  stub("mountpoint", "exit 1");
  stub("sleep", "exit 0");
  const file = join(folder, "skerry-data-volume");
  writeFileSync(file, script.replaceAll("/var/lib/rancher", `${folder}/data`));
  const { stderr, status } = spawnSync("bash", [file], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  const written = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
  return { calls: written.map((line) => line.replaceAll(folder, "")), stderr, status };
}

test("a server formats the blank EBS volume, and mounts it below etcd's data", () => {
  const disks = {
    nvme0n1: root,
    nvme1n1: { model: "Amazon EC2 NVMe Instance Storage", isBlank: true },
    nvme2n1: { model: EBS, isBlank: true },
  };
  expect(run(disks)).toEqual({
    calls: ["mkfs -q -L skerry-data /dev/nvme2n1", "mount --options noatime /dev/nvme2n1 /data/k3s/server/db"],
    stderr: "",
    status: 0,
  });
});

test("a volume with data is mounted and never formatted", () => {
  const disks = { nvme0n1: root, nvme1n1: { model: EBS, isBlank: false, label: "skerry-data" } };
  expect(run(disks).calls).toEqual(["mount --options noatime /dev/nvme1n1 /data/k3s/server/db"]);
});

test("without a data volume, the setup fails, and its unit tries again", () => {
  const { calls, stderr, status } = run({ nvme0n1: root, nvme1n1: { model: EBS, isBlank: false } });
  expect({ calls, status }).toEqual({ calls: [], status: 1 });
  expect(stderr).toContain("no data volume was attached within five minutes");
});

test("the data of a removed member is set aside, and other data stays", () => {
  const disks = { nvme0n1: root, nvme1n1: { model: EBS, isBlank: false, label: "skerry-data" } };
  const db = join(folder, "data/k3s/server/db");
  mkdirSync(join(db, "etcd"), { recursive: true });
  run(disks);
  expect(readdirSync(db)).toEqual(["etcd"]);
  writeFileSync(join(db, "etcd/tombstone"), "");
  run(disks);
  expect(readdirSync(db)).toEqual([expect.stringMatching(/^removed-\d{8}T\d{6}Z$/)]);
});

test("K3s waits for the data volume, at every start", () => {
  expect(contentOf("/etc/systemd/system/k3s.service.d/20-data-volume.conf")).toContain(
    "Requires=skerry-data-volume.service",
  );
  expect(contentOf("/etc/systemd/system/skerry-data-volume.service")).toContain(
    "until /usr/local/sbin/skerry-data-volume; do sleep 10; done",
  );
});

// ShellCheck is not a package of npm or Go, so it may be missing.
(hasShellcheck ? test : test.skip)("passes ShellCheck", () => checkWithShellcheck(script));
