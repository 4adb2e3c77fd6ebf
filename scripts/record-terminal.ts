/**
 * Records commands on a terminal and draws them as an animated SVG. Needs `script` of util-linux. The picture in the
 * README is a real run, with no fleet up before:
 *
 *   npx tsx scripts/record-terminal.ts docs/images/up.svg "npx skerry up" "npx skerry status"
 *
 * Pauses are shortened: the picture shows what is printed, not how long it takes.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type IBufferCell, Terminal } from "@xterm/headless";

const COLUMNS = 118;
const ROWS = 30;
/** Longest pause between two frames, in s. */
const LONGEST_PAUSE_S = 0.35;
/** How long the last frame stays before the animation starts again, in s. */
const LAST_FRAME_S = 8;
const LINE_HEIGHT = 18;
const FONT_WIDTH = 8.4;
const PADDING = 14;

/** The 16 colors of a terminal, on a dark background. */
const COLORS = [
  ...["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4"],
  ...["#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff"],
];
const FOREGROUND = "#c9d1d9";

interface Frame {
  /** Seconds after the start. */
  readonly at: number;
  /** One SVG text element per line that is not empty. */
  readonly lines: readonly string[];
}

/** Runs a command on a terminal; returns what it printed in pieces, each with the seconds since the piece before. */
function runOnTerminal(command: string): { readonly delay: number; readonly text: string }[] {
  const folder = mkdtempSync(join(tmpdir(), "skerry-record-"));
  try {
    const [output, timing] = [join(folder, "output"), join(folder, "timing")];
    const args = ["--quiet", "--return", "--log-out", output, "--log-timing", timing, "--command"];
    const env = { ...process.env, COLUMNS: String(COLUMNS), LINES: String(ROWS), TERM: "xterm-256color" };
    const inside = `stty cols ${COLUMNS} rows ${ROWS}; ${command}`;
    const { status } = spawnSync("script", [...args, inside], { env, stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) throw new Error(`${command} ended with ${status}`);
    // The log starts with a line about the recording itself.
    const bytes = readFileSync(output);
    let offset = bytes.indexOf(10) + 1;
    return readFileSync(timing, "utf8")
      .trim()
      .split("\n")
      .map((line) => {
        const [delay, count] = line.split(" ").slice(-2).map(Number) as [number, number];
        return { delay, text: bytes.subarray(offset, (offset += count)).toString("utf8") };
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function styleOf(cell: IBufferCell): string {
  const color = cell.isFgPalette() && cell.getFgColor() < COLORS.length ? COLORS[cell.getFgColor()]! : FOREGROUND;
  return `fill="${color}"${cell.isBold() ? ' font-weight="bold"' : ""}${cell.isDim() ? ' opacity="0.65"' : ""}`;
}

/** One line of the screen as SVG, without trailing blanks. */
function drawLine(terminal: Terminal, row: number): string {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
  const spans: { style: string; text: string }[] = [];
  for (let column = 0; line && column < COLUMNS; column += 1) {
    const cell = line.getCell(column)!;
    const style = styleOf(cell);
    const last = spans.at(-1);
    if (last?.style === style) last.text += cell.getChars() || " ";
    else spans.push({ style, text: cell.getChars() || " " });
  }
  const text = spans.map(({ style, text: part }) => `<tspan ${style}>${escape(part)}</tspan>`).join("");
  if (spans.every((each) => each.text.trim() === "")) return "";
  return `<text x="${PADDING}" y="${PADDING + (row + 1) * LINE_HEIGHT - 5}" xml:space="preserve">${text}</text>`;
}

/** Every state of the screen that lasts long enough to be seen. */
async function drawFrames(commands: readonly string[]): Promise<Frame[]> {
  const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const write = (text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve));
  const frames: Frame[] = [];
  let now = 0;
  const draw = (): void => {
    const lines = Array.from({ length: ROWS }, (_, row) => drawLine(terminal, row)).filter((line) => line !== "");
    if (frames.at(-1)?.lines.join() !== lines.join()) frames.push({ at: now, lines });
  };
  for (const command of commands) {
    await write(`\x1b[1m$ ${command}\x1b[0m\r\n`);
    draw();
    for (const { delay, text } of runOnTerminal(command)) {
      // Pieces that follow at once belong to one frame.
      if (delay > 0.05) draw();
      now += Math.min(delay, LONGEST_PAUSE_S);
      await write(text);
    }
    draw();
    now += 1.5;
  }
  return frames;
}

function drawSvg(frames: readonly Frame[]): string {
  const duration = frames.at(-1)!.at + LAST_FRAME_S;
  const [width, height] = [COLUMNS * FONT_WIDTH + 2 * PADDING, ROWS * LINE_HEIGHT + 2 * PADDING];
  const percent = (at: number): string => `${((100 * at) / duration).toFixed(2)}%`;
  const rules = frames.map(({ at }, index) => {
    const end = frames[index + 1]?.at ?? duration;
    const hideBefore = at > 0 ? `0%{visibility:hidden}` : "";
    const hideAfter = end < duration ? `${percent(end)}{visibility:hidden}` : "";
    return `@keyframes f${index}{${hideBefore}${percent(at)}{visibility:visible}${hideAfter}}#f${index}{animation:f${index} ${duration.toFixed(2)}s step-end infinite}`;
  });
  // Where animations do not run or are unwanted, the last frame is shown.
  const still = `@media(prefers-reduced-motion:reduce){.frame{animation:none!important;visibility:hidden}.frame:last-child{visibility:visible}}`;
  const groups = frames.map(({ lines }, index) => `<g class="frame" id="f${index}">${lines.join("")}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14"><style>${rules.join("")}${still}</style><rect width="100%" height="100%" rx="8" fill="#0d1117"/>${groups.join("\n")}</svg>\n`;
}

async function main(): Promise<void> {
  const [file, ...commands] = process.argv.slice(2);
  if (!file || commands.length === 0) throw new Error("usage: record-terminal.ts <file.svg> <command> [command …]");
  writeFileSync(file, drawSvg(await drawFrames(commands)));
}

void main();
