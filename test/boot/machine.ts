import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { stringify } from "yaml";

import { encodeUserData } from "../../components/nodes/aws/user-data";
import { type Cloud, CLOUD_ADDRESS } from "./cloud";
import { debianRoot } from "./requirements";

const ip = (...args: string[]): void => void execFileSync("ip", args, { stdio: "pipe" });

/** The modules of cloud-init that user data of Skerry uses, in Debian's order. The others take most of the time of a boot. */
const CLOUD_INIT = {
  datasource_list: ["NoCloud"],
  cloud_init_modules: ["migrator", "bootcmd", "write-files", "set_hostname", "update_hostname"],
  cloud_config_modules: ["runcmd"],
  cloud_final_modules: ["write-files-deferred", "scripts-per-boot", "scripts-per-instance", "scripts-user"],
};

export interface MachineOptions {
  readonly role: "server" | "agent";
  readonly userData: string;
  readonly hostname: string;
  /** @default {} */
  readonly tags?: Readonly<Record<string, string>>;
  /** How many times faster than real time the pauses of programs pass. @default 1 */
  readonly haste?: number;
  /** What `uname -m` says. @default - as here */
  readonly architecture?: string;
}

let count = 0;

/** A machine: a Debian root folder with a disk, processes and a network of its own, and cloud-init with its user data. */
export class Machine {
  /** Id of the instance, which differs between all machines. */
  id = "";
  /** Secrets of the instance. */
  secrets: readonly string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "skerry-machine-"));
  private readonly number = (count += 1);
  private readonly namespace: string;
  private process?: ChildProcess;
  private ended: Promise<number | null> = Promise.resolve(null);

  constructor(
    private readonly cloud: Cloud,
    private readonly options: MachineOptions,
  ) {
    this.namespace = `${cloud.name}-${this.number}`;
  }

  static async create(cloud: Cloud, options: MachineOptions): Promise<Machine> {
    const machine = new Machine(cloud, options);
    await machine.install();
    return machine;
  }

  private async install(): Promise<void> {
    const { role, userData, hostname, tags = {}, haste = 1 } = this.options;
    for (const name of ["disk", "work", "root"]) mkdirSync(join(this.folder, name));
    this.connect();
    const { id, secrets } = await this.cloud.launch(this.address, role, tags);
    this.id = id;
    this.secrets = secrets;
    const authorities = readFileSync(join(debianRoot, "etc/ssl/certs/ca-certificates.crt"), "utf8");
    const seed = "/var/lib/cloud/seed/nocloud";
    const files: Readonly<Record<string, string | Buffer>> = {
      // As EC2 serves it.
      [`${seed}/user-data`]: Buffer.from(encodeUserData(hostname, userData), "base64"),
      [`${seed}/meta-data`]: `instance-id: ${id}\nlocal-hostname: ${hostname}\n`,
      "/etc/cloud/cloud.cfg.d/90-tests.cfg": stringify(CLOUD_INIT),
      "/etc/hostname": "localhost\n",
      "/etc/hosts": `127.0.0.1 localhost\n${CLOUD_ADDRESS} ${this.cloud.hosts.join(" ")}\n`,
      "/etc/resolv.conf": "",
      "/usr/lib/ssl/cert.pem": authorities + this.cloud.authority,
      // Python loads it first.
      "/usr/lib/python3/dist-packages/sitecustomize.py": "",
      "/etc/python3.11/sitecustomize.py": `import time\nsleep = time.sleep\ntime.sleep = lambda seconds: sleep(seconds / ${haste})\n`,
    };
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    for (const [name, path] of Object.entries({ "power-on": "/sbin/power-on", systemctl: "/usr/bin/systemctl" })) {
      this.write(path, readFileSync(join(__dirname, "machine", name), "utf8"), 0o755);
    }
    this.write("/usr/bin/timedatectl", "#!/bin/sh\necho yes\n", 0o755);
  }

  private get address(): string {
    return `10.77.0.${this.number + 1}`;
  }

  private connect(): void {
    const end = `m${this.number}`;
    ip("netns", "add", this.namespace);
    ip("link", "add", end, "netns", this.cloud.name, "type", "veth", "peer", "name", "eth0", "netns", this.namespace);
    ip("-n", this.cloud.name, "link", "set", end, "master", "bridge", "up");
    ip("-n", this.namespace, "link", "set", "lo", "up");
    ip("-n", this.namespace, "addr", "add", `${this.address}/24`, "dev", "eth0");
    this.setNetwork("up");
  }

  /** Connects or disconnects the machine. */
  setNetwork(state: "up" | "down"): void {
    ip("-n", this.namespace, "link", "set", "eth0", state);
    if (state === "up") ip("-n", this.namespace, "route", "add", "default", "via", CLOUD_ADDRESS);
  }

  /** Path here of a file that the machine changed. */
  private path(file: string): string {
    return join(this.folder, "disk", file);
  }

  write(file: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content, { mode });
  }

  exists = (file: string): boolean => existsSync(this.path(file));
  read = (file: string): string => readFileSync(this.path(file), "utf8");
  mode = (file: string): number => statSync(this.path(file)).mode & 0o777;
  remove = (file: string): void => rmSync(this.path(file), { recursive: true, force: true });

  /** What the machine wrote to its console since it exists. */
  get console(): string {
    return existsSync(join(this.folder, "console")) ? readFileSync(join(this.folder, "console"), "utf8") : "";
  }

  /** What the processes of the machine wrote to standard output and error: the journal. */
  get journal(): string {
    return existsSync(join(this.folder, "journal")) ? readFileSync(join(this.folder, "journal"), "utf8") : "";
  }

  /** Starts the machine, without waiting for it. */
  powerOn(): void {
    const { folder } = this;
    const script = `
      mount --make-rprivate /
      mount -t overlay overlay -o lowerdir=${debianRoot},upperdir=${folder}/disk,workdir=${folder}/work ${folder}/root
      cd ${folder}/root
      mount -t proc proc proc && mount --bind proc/sys proc/sys && mount -o remount,bind,ro proc/sys
      mount -t tmpfs tmpfs run && mount -t tmpfs tmpfs dev
      touch dev/console ${folder}/console && mount --bind ${folder}/console dev/console
      for device in null zero urandom random; do touch dev/$device && mount --bind /dev/$device dev/$device; done
      mkdir -p run/lock
      exec chroot . ${this.options.architecture ? `/usr/bin/setarch ${this.options.architecture}` : ""} /sbin/power-on`;
    const args = ["netns", "exec", this.namespace, "unshare", "--mount", "--uts", "--ipc", "--pid", "--fork"];
    const shell = ["--kill-child=KILL", "bash", "-euc", `exec >>${folder}/journal 2>&1; ${script}`];
    this.process = spawn("ip", [...args, ...shell], {
      stdio: "ignore",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    this.ended = new Promise((resolve) => this.process!.once("exit", resolve));
  }

  /** Waits until every unit has started, or the power is cut. */
  untilEnded = (): Promise<number | null> => this.ended;

  /** Starts the machine and waits until every unit has started. */
  async boot(): Promise<void> {
    this.powerOn();
    const code = await this.ended;
    if (code !== 0) throw new Error(`machine ended with ${code}:\n${this.journal.slice(-2000)}`);
  }

  /** Kills every process of the machine at once. */
  async cutPower(): Promise<void> {
    this.process?.kill("SIGKILL");
    await this.ended;
  }

  /** Waits until the journal contains a text. */
  async says(text: string | RegExp, seconds = 60): Promise<void> {
    const end = Date.now() + seconds * 1000;
    const found = (): boolean => (typeof text === "string" ? this.journal.includes(text) : text.test(this.journal));
    while (!found()) {
      if (Date.now() > end) throw new Error(`the machine never said ${text}:\n${this.journal.slice(-2000)}`);
      await sleep(50);
    }
  }

  async delete(): Promise<void> {
    await this.cutPower();
    ip("netns", "del", this.namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
