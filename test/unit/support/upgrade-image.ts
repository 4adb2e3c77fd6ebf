import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The image `rancher/k3s-upgrade` with stand-ins for its programs, which record their calls. */
export class UpgradeImage {
  private readonly folder = mkdtempSync(join(tmpdir(), "upgrade-image-"));
  private readonly record = this.create("calls");

  /** @param standIn shell script of both programs */
  constructor(standIn: string) {
    for (const name of ["k3s", "upgrade.sh"]) {
      writeFileSync(join(this.folder, name), `#!/bin/sh\necho "$0 $*" >> "$CALLS"\n${standIn}`);
      chmodSync(join(this.folder, name), 0o755);
    }
  }

  /** Creates an empty file and returns its path. */
  create(name: string): string {
    writeFileSync(join(this.folder, name), "");
    return join(this.folder, name);
  }

  /** Runs a script of a container to its end. */
  run(
    script: string,
    variables: Readonly<Record<string, string>>,
  ): { readonly status: number | null; readonly calls: string[] } {
    const { status } = spawnSync("/bin/sh", ["-c", this.locate(script)], { env: this.environment(variables) });
    return { status, calls: this.calls };
  }

  /** Starts a script of a container. */
  start(script: string, variables: Readonly<Record<string, string>>): ChildProcess {
    return spawn("/bin/sh", ["-c", this.locate(script)], { env: this.environment(variables) });
  }

  /** The calls of its programs, in order. */
  get calls(): string[] {
    return readFileSync(this.record, "utf8").replaceAll(`${this.folder}/`, "").trim().split("\n");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private locate(script: string): string {
    return script
      .replaceAll("/opt/k3s", join(this.folder, "k3s"))
      .replaceAll("/bin/upgrade.sh", join(this.folder, "upgrade.sh"));
  }

  private environment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, CALLS: this.record, ...variables };
  }
}
