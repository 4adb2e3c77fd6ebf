import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

type Parameters = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
}

/** Keys of the DevTools protocol's `Input.dispatchKeyEvent` that need more than their name. */
const KEYS: Readonly<Record<string, { readonly code: number; readonly text?: string }>> = {
  Tab: { code: 9 },
  Enter: { code: 13, text: "\r" },
  Escape: { code: 27 },
  Space: { code: 32, text: " " },
  End: { code: 35 },
  Home: { code: 36 },
  ArrowLeft: { code: 37 },
  ArrowRight: { code: 39 },
};

/**
 * A page in headless Chromium, driven by the DevTools protocol over a pipe.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export class BrowserPage {
  /** URLs that the page requested. */
  readonly requests: string[] = [];
  /** Exceptions, console errors and violations of the page's security policy. */
  readonly problems: string[] = [];
  private readonly pending = new Map<number, { resolve(result: Parameters): void; reject(error: Error): void }>();
  private readonly waiting = new Map<string, () => void>();
  private session: string | undefined;
  private last = 0;
  private rest = "";

  private constructor(
    private readonly chromium: ChildProcess,
    private readonly profile: string,
  ) {
    const output = chromium.stdio[4] as Readable;
    output.setEncoding("utf8").on("data", (data: string) => {
      const messages = (this.rest + data).split("\0");
      this.rest = messages.pop()!;
      for (const message of messages) this.receive(JSON.parse(message) as Message);
    });
    chromium.on("close", (code) => {
      for (const command of this.pending.values()) command.reject(new Error(`Chromium exited with ${code}`));
    });
  }

  /** Starts Chromium with an empty profile. */
  static async start(program: string): Promise<BrowserPage> {
    const profile = mkdtempSync(join(tmpdir(), "skerry-chromium-"));
    const options = [
      "--headless",
      "--no-sandbox",
      "--remote-debugging-pipe",
      `--user-data-dir=${profile}`,
      "--no-first-run",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
    ];
    const chromium = spawn(program, [...options, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const page = new BrowserPage(chromium, profile);
    const { targetId } = await page.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await page.send("Target.attachToTarget", { targetId, flatten: true });
    page.session = sessionId as string;
    for (const domain of ["Page", "Network", "Runtime", "Log"]) await page.send(`${domain}.enable`);
    return page;
  }

  /** Ends Chromium and removes its profile. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.chromium.on("close", resolve));
    this.session = undefined;
    await this.send("Browser.close");
    await closed;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Sends a command of the protocol. */
  send(method: string, params: Parameters = {}): Promise<Parameters> {
    this.last += 1;
    const id = this.last;
    const session = this.session === undefined ? {} : { sessionId: this.session };
    (this.chromium.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  /** Opens a URL and waits until it is loaded. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.waiting.set("Page.loadEventFired", resolve));
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** Evaluates an expression in the page, outside of its security policy, and returns its value. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  /** Presses and releases a key. */
  async press(key: string, modifiers: { readonly shift?: boolean } = {}): Promise<void> {
    const { code, text } = KEYS[key]!;
    const common = {
      key: key === "Space" ? " " : key,
      code: key,
      windowsVirtualKeyCode: code,
      modifiers: modifiers.shift ? 8 : 0,
    };
    await this.send("Input.dispatchKeyEvent", {
      type: text ? "keyDown" : "rawKeyDown",
      ...common,
      ...(text && { text }),
    });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...common });
  }

  /** Types text into the element that has the focus. */
  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  /** Sets the size of the window in pixels. */
  async resize(width: number, height: number): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  /** Sets media features, such as `prefers-color-scheme`. */
  async setMedia(features: Readonly<Record<string, string>>): Promise<void> {
    const list = Object.entries(features).map(([name, value]) => ({ name, value }));
    await this.send("Emulation.setEmulatedMedia", { features: list });
  }

  /** Writes a picture of the window as PNG. */
  async capture(file: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    writeFileSync(file, Buffer.from(data as string, "base64"));
  }

  private receive({ id, method, params = {}, result = {}, error }: Message): void {
    if (id !== undefined) {
      const command = this.pending.get(id);
      this.pending.delete(id);
      if (error) command?.reject(new Error(error.message));
      else command?.resolve(result);
      return;
    }
    if (method === "Network.requestWillBeSent") this.requests.push((params.request as { url: string }).url);
    if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") this.problems.push(JSON.stringify(params));
    if (method !== undefined) {
      this.waiting.get(method)?.();
      this.waiting.delete(method);
    }
  }
}
