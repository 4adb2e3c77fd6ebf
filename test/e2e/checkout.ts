import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "..", "..");
const LEFT_OUT = new Set(["node_modules", ".git", ".skerry", "Pulumi.local.yaml"]);

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of this checkout, so that tests never affect a fleet that runs in the original. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "skerry-e2e-"));
  readonly home = join(this.folder, ".skerry");

  /** @param variables environment variables of its commands */
  constructor(private readonly variables: NodeJS.ProcessEnv = {}) {
    cpSync(root, this.folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) || path === root });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  private get environment(): NodeJS.ProcessEnv {
    const { SKERRY_HOME: _home, PULUMI_BACKEND_URL: _backend, ...rest } = process.env;
    return { ...rest, NO_COLOR: "1", ...this.variables };
  }

  /** Starts a command of the checkout in the background. */
  start(command: string, ...args: string[]): ChildProcess {
    return spawn(join(this.folder, command), args, {
      cwd: this.folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs a command of the checkout and waits for it. */
  async run(command: string, ...args: string[]): Promise<Outcome> {
    try {
      const { stdout, stderr } = await promisify(execFile)(join(this.folder, command), args, {
        cwd: this.folder,
        env: this.environment,
        maxBuffer: 1 << 26,
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  }

  /** Runs a command of the checkout, which must succeed, and returns its output. */
  async succeed(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
