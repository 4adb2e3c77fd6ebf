import { Cloud } from "./cloud";
import { Machine, type MachineOptions } from "./machine";
import { k3s, OBJECT, parameters } from "./user-data";

/** The cloud of a test file, and the machines of the current test. */
export class MachineRoom {
  readonly cloud = new Cloud();
  private machines: Machine[] = [];

  /** Registers hooks that start the cloud, empty it before each test, and remove everything afterwards. */
  use(): this {
    beforeAll(() => this.cloud.start());
    beforeEach(() => this.empty());
    afterEach(() => this.removeMachines());
    afterAll(() => this.cloud.stop());
    return this;
  }

  /** Brings the cloud to the state before a test. */
  async empty(): Promise<void> {
    await this.cloud.reset();
    await this.cloud.putParameters(parameters);
    await this.cloud.putObject(OBJECT, k3s);
  }

  async add(options: MachineOptions): Promise<Machine> {
    const machine = await Machine.create(this.cloud, options);
    this.machines.push(machine);
    return machine;
  }

  async delete(machine: Machine): Promise<void> {
    this.machines = this.machines.filter((other) => other !== machine);
    await machine.delete();
  }

  /** Deletes the machines, and fails if one of them wrote a secret to its journal or console. */
  private async removeMachines(): Promise<void> {
    const machines = this.machines;
    this.machines = [];
    await Promise.all(machines.map((machine) => machine.cutPower()));
    const texts = machines.map(({ journal, console }) => journal + console).join("\n");
    const secrets = [...machines.flatMap((machine) => machine.secrets), ...Object.values(parameters)];
    await Promise.all(machines.map((machine) => machine.delete()));
    expect(secrets.filter((secret) => texts.includes(secret))).toEqual([]);
  }
}
