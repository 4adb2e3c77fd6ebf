import { spawn } from "node:child_process";

import type { SimulationReport, SimulationRequest } from "./protocol";

/** Runs the placement simulator, one process per request. */
export class Simulator {
  /** @param program path of `placement-simulator` */
  constructor(private readonly program: string) {}

  /**
   * Simulates one cluster.
   *
   * @throws Error with every problem that the simulator found in the request
   */
  simulate(request: SimulationRequest): Promise<SimulationReport> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, [], { stdio: ["pipe", "pipe", "pipe"] });
      const output: Buffer[] = [];
      const errors: Buffer[] = [];
      child.stdout.on("data", (data: Buffer) => output.push(data));
      child.stderr.on("data", (data: Buffer) => errors.push(data));
      child.on("error", (error) => reject(new Error(`${this.program} could not be started: ${error.message}`)));
      child.on("close", (code) => {
        if (code === 0) return resolve(JSON.parse(Buffer.concat(output).toString("utf8")) as SimulationReport);
        const text = Buffer.concat(errors).toString("utf8").trim();
        reject(new Error(`cluster ${request.cluster}: ${text || `placement-simulator exited with ${code}`}`));
      });
      // A simulator that rejects the request early closes the pipe; its exit code and messages say why.
      child.stdin.on("error", () => undefined);
      child.stdin.end(JSON.stringify(request));
    });
  }
}
