import pc from "picocolors";

/** A running step. */
export interface Step {
  update(text: string): void;
  done(text: string): void;
  failed(text: string): void;
}

/** Reports the progress of long steps. */
export interface Progress {
  start(name: string, text: string): Step;
}

/** Formats a duration, such as `48s` or `5m21s`. */
export function elapsed(sinceMs: number, now = Date.now()): string {
  const seconds = Math.round((now - sinceMs) / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

/** Interval at which running steps are reported when the output is not a terminal, in ms. */
const REPEAT_MS = 20_000;

/** Reports progress on standard error: one updated line on a terminal, otherwise a new line every 20 s. */
export class ConsoleProgress implements Progress {
  private readonly active = new Map<string, { text: string; started: number; reported: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  start(name: string, text: string): Step {
    const entry = { text, started: Date.now(), reported: Date.now() };
    this.active.set(name, entry);
    this.timer ??= setInterval(() => this.tick(), 500);
    this.timer.unref();
    const end = (mark: string, last: string): void => {
      this.active.delete(name);
      this.line(`  ${mark} ${name.padEnd(28)} ${last} (${elapsed(entry.started)})`);
      if (this.active.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
    return {
      update: (next) => void (entry.text = next),
      done: (last) => end(pc.green("✓"), last),
      failed: (last) => end(pc.red("✗"), last),
    };
  }

  private line(text: string): void {
    this.stream.write(this.stream.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`);
  }

  private tick(): void {
    if (this.stream.isTTY) {
      const all = [...this.active].map(([name, { text, started }]) => `${name}: ${text} (${elapsed(started)})`);
      this.stream.write(`\r\x1b[K  ${all.join(" · ")}`.slice(0, this.stream.columns + 3));
      return;
    }
    for (const [name, entry] of this.active) {
      if (Date.now() - entry.reported < REPEAT_MS) continue;
      entry.reported = Date.now();
      this.line(`  … ${name.padEnd(28)} ${entry.text} (${elapsed(entry.started)})`);
    }
  }
}
