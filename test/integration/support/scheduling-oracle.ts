import type { V1LabelSelector, V1Node, V1Pod } from "@kubernetes/client-node";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
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
  private readonly lines: Interface;
  private pending: { resolve(line: string): void; reject(problem: Error): void } | undefined;

  /** Compiles the program, which is cached, and starts it. */
  constructor() {
    const flags = compilerFlags(tool("lab").build);
    this.process = spawn("go", ["run", ...flags, "./internal/scheduling-oracle"], {
      cwd: join(__dirname, "../../../runtime"),
      env: goEnvironment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.lines = createInterface(this.process.stdout);
    this.lines.on("line", (line) => this.pending?.resolve(line));
    const fail = (reason: string): void => this.pending?.reject(new Error(`scheduling-oracle ${reason}`));
    this.process.on("error", ({ message }) => fail(message));
    this.process.on("exit", (code) => fail(`ended with ${code}`));
    // A write after the end is reported by its question.
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

  /** Ends the process, which stops at the end of its input. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("close", resolve));
    this.process.stdin.end();
    await ended;
  }

  private async ask(question: object): Promise<Answer> {
    if (this.process.exitCode !== null) throw new Error(`scheduling-oracle ended with ${this.process.exitCode}`);
    const line = await new Promise<string>((resolve, reject) => {
      this.pending = { resolve, reject };
      this.process.stdin.write(`${JSON.stringify(question)}\n`);
    });
    return JSON.parse(line) as Answer;
  }
}
