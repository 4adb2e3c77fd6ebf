import type { V1LabelSelector, V1Node, V1Pod } from "@kubernetes/client-node";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { tool } from "../../../cli/tools/catalogue";
import { compilerFlags, goEnvironment } from "../../../cli/tools/go-flags";

/** What Kubernetes does with a pod and an empty node: `Fit` of `runtime/internal/scheduling-oracle`. */
export interface Fit {
  readonly affinity: boolean;
  readonly repelling: readonly number[];
  readonly placed: boolean;
  readonly milliCPU: number;
  readonly memory: number;
  readonly room: boolean;
}

interface Answer {
  readonly fit?: Fit;
  readonly matches?: boolean;
  readonly quantity?: string;
}

/** Kubernetes' own code, as a process that answers one question at a time. */
export class SchedulingOracle {
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private pending: { resolve(line: string): void; reject(failure: Error): void } | undefined;
  private failure: Error | undefined;

  /** Compiles the program, which is cached, and starts it. */
  constructor() {
    const flags = compilerFlags(tool("lab").build);
    this.process = spawn("go", ["run", ...flags, "./internal/scheduling-oracle"], {
      cwd: join(__dirname, "../../../runtime"),
      env: goEnvironment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface(this.process.stdout).on("line", (line) => this.pending?.resolve(line));
    const fail = (reason: string): void => {
      this.failure = new Error(`scheduling-oracle ${reason}`);
      this.pending?.reject(this.failure);
    };
    this.process.on("error", ({ message }) => fail(`does not run: ${message}`));
    this.process.on("exit", (code) => fail(`exited with ${code}`));
    // Writing to a process that has exited fails as well.
    this.process.stdin.on("error", () => undefined);
  }

  async fit(pod: V1Pod, node: V1Node): Promise<Fit> {
    return (await this.ask({ pod, node })).fit!;
  }

  async matchesSelector(selector: V1LabelSelector, labels: Readonly<Record<string, string>>): Promise<boolean> {
    return (await this.ask({ selector, labels })).matches!;
  }

  /** The quantity in billionths; undefined if the API server rejects it. */
  async parseQuantity(quantity: string): Promise<bigint | undefined> {
    const answer = (await this.ask({ quantity })).quantity!;
    return answer === "invalid" ? undefined : BigInt(answer);
  }

  /** Closes the input, at which the process exits. */
  async stop(): Promise<void> {
    if (this.failure) return;
    const closed = new Promise((resolve) => this.process.once("close", resolve));
    this.process.stdin.end();
    await closed;
  }

  private async ask(question: object): Promise<Answer> {
    if (this.failure) throw this.failure;
    const line = await new Promise<string>((resolve, reject) => {
      this.pending = { resolve, reject };
      this.process.stdin.write(`${JSON.stringify(question)}\n`);
    });
    return JSON.parse(line) as Answer;
  }
}
