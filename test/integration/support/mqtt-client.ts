import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** The command-line clients, and whom they speak to. */
export interface MqttTarget {
  readonly publisher: string;
  readonly subscriber: string;
  readonly host: string;
  readonly port: number;
}

/** Paths of PEM files; without `certificate` and `key` the client shows none. */
export interface Credentials {
  readonly ca: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface Message {
  readonly topic: string;
  readonly payload: string;
}

function connection({ host, port }: MqttTarget, { ca, certificate, key }: Credentials): string[] {
  const own = certificate !== undefined && key !== undefined ? ["--cert", certificate, "--key", key] : [];
  return ["-h", host, "-p", String(port), "--cafile", ca, ...own, "-V", "mqttv311"];
}

/**
 * Publishes each payload with QoS 1 and waits until the broker has taken all of them.
 *
 * @returns the exit code: 0 when it was let in (which says nothing of what the access list made of it)
 */
export function publish(
  target: MqttTarget,
  credentials: Credentials,
  topic: string,
  ...payloads: readonly string[]
): Promise<number> {
  const child = spawn(target.publisher, [...connection(target, credentials), "-q", "1", "-t", topic, "-l"], {
    stdio: ["pipe", "ignore", "ignore"],
    timeout: 15_000,
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(payloads.map((payload) => `${payload}\n`).join(""));
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

/** A subscription that collects what it receives. */
export class Subscription {
  readonly messages: Message[] = [];
  private text = "";
  private subscribed = false;

  private constructor(private readonly child: ChildProcess) {
    child.stdout!.on("data", (chunk: Buffer) => this.read(chunk.toString()));
  }

  /**
   * Subscribes with QoS 1 and waits until the broker has acknowledged it.
   *
   * @param session name of a session that the broker keeps while the client is away; without it a session of its own
   */
  static async open(
    target: MqttTarget,
    credentials: Credentials,
    topics: readonly string[],
    session?: string,
  ): Promise<Subscription> {
    const args = [...connection(target, credentials), "-q", "1", "-d", "-F", "MESSAGE\t%t\t%p"];
    const kept = session === undefined ? [] : ["-i", session, "-c"];
    // By lines: it would else keep to itself, until the first message, that it has subscribed.
    const byLines = ["-oL", target.subscriber];
    const child = spawn("stdbuf", [...byLines, ...args, ...kept, ...topics.flatMap((topic) => ["-t", topic])], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const subscription = new Subscription(child);
    try {
      const ended = () => child.exitCode !== null || child.signalCode !== null;
      await waitFor(
        () => subscription.subscribed || ended(),
        5000,
        () => `no answer to ${topics.join(", ")}`,
      );
      if (!subscription.subscribed) throw new Error(`turned away with exit code ${child.exitCode}`);
    } catch (error) {
      await subscription.close();
      throw error;
    }
    return subscription;
  }

  get payloads(): string[] {
    return this.messages.map(({ payload }) => payload);
  }

  /** Waits until a message with this payload has come. */
  async receives(payload: string, milliseconds = 10_000): Promise<void> {
    const told = () => `"${payload}" did not come; came: ${this.payloads.join(", ") || "nothing"}`;
    await waitFor(() => this.payloads.includes(payload), milliseconds, told);
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await gone;
  }

  private read(chunk: string): void {
    const lines = (this.text + chunk).split("\n");
    this.text = lines.pop()!;
    for (const line of lines) {
      const [kind, topic, payload] = line.split("\t");
      if (kind === "MESSAGE") this.messages.push({ topic: topic!, payload: payload! });
      else if (line.startsWith("Subscribed")) this.subscribed = true;
    }
  }
}

async function waitFor(done: () => boolean, milliseconds: number, told: () => string): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!done()) {
    if (Date.now() > deadline) throw new Error(told());
    await sleep(20);
  }
}
