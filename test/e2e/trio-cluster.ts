import { join } from "node:path";

import { KubeConfig } from "@kubernetes/client-node";

import { LabClient } from "../../components/nodes/lab/client";
import { Checkout } from "./checkout";
import { eventually } from "./eventually";
import { changesWithServers, expectObjects, type Objects, readSettledObjects } from "./every-object";
import { readMembers } from "./members";

/** Names of the three servers. */
export const SERVERS = [1, 2, 3].map((number) => `trio-server-${number}`);

/** The cluster of the fleet in `trio.ts`, in a lab of its own. */
export class TrioCluster {
  readonly checkout = new Checkout();
  /** State folder of the lab. */
  readonly state = join(this.checkout.home, "lab");
  readonly lab = new LabClient(join(this.state, "lab.sock"));

  /** Kubeconfig of the administrator. */
  get config(): KubeConfig {
    const loaded = new KubeConfig();
    loaded.loadFromFile(join(this.checkout.home, "kubeconfig", "trio"));
    return loaded;
  }

  /** Runs a command of the checkout, which must succeed, and returns its output. */
  run = (command: string, ...args: string[]): Promise<string> => this.checkout.succeed(command, ...args);

  up = (): Promise<string> => this.run("bin/skerry", "up");

  /** Returns the steps of a preview, as `<operation> <resource>`, without those that do nothing. */
  async plan(): Promise<string[]> {
    const { steps } = JSON.parse(await this.run("bin/pulumi", "preview", "-s", "local", "--json")) as {
      steps: { op: string; urn: string }[];
    };
    return steps.filter(({ op }) => op !== "same").map(({ op, urn }) => `${op} ${urn.split("::").pop()!}`);
  }

  async serverReady(name: string): Promise<void> {
    await eventually(`${name} is ready`, 90, async () => (await this.lab.getServer(name)).state === "ready");
  }

  /** UID of namespace kube-system, as the first server reports it. */
  async clusterUid(): Promise<string> {
    const { value } = await eventually("the first server answers", 60, () => readMembers(this.state, SERVERS[0]!));
    return value.clusterUid;
  }

  /** Waits for three servers of one cluster, each of which answers at its own address. */
  async waitForOneCluster(uid: string): Promise<void> {
    for (const name of SERVERS) {
      await this.serverReady(name);
      await eventually(`${name} reports three members of one cluster`, 60, async () => {
        const view = await readMembers(this.state, name);
        return view.clusterUid === uid && view.voters === 3;
      });
    }
  }

  /** Every object but those that change with the machines of servers. */
  everyObject = (): Promise<Objects> => readSettledObjects(this.config, changesWithServers);

  expectEveryObject = (before: Objects): Promise<void> => expectObjects(this.config, changesWithServers, before);

  async remove(): Promise<void> {
    await this.checkout.run("bin/skerry", "down", "--force");
    this.checkout.remove();
  }
}
