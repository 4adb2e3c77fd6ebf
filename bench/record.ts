import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";

const file = join(__dirname, "RESULTS.md");

/** Renders a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Prints a measurement and replaces its section in `RESULTS.md`.
 *
 * @param section heading of the section
 * @param command command that repeats the measurement
 */
export async function record(section: string, command: string, text: string): Promise<void> {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}`;
  const body = `## ${section}\n\n\`${command}\`, ${new Date().toISOString().slice(0, 10)}, ${machine}\n\n${text.trim()}\n`;
  const sections = readFileSync(file, "utf8").split(/^(?=## )/m);
  const at = sections.findIndex((each) => each.startsWith(`## ${section}\n`));
  if (at === -1) sections.push(`\n${body}`);
  else sections[at] = at === sections.length - 1 ? body : `${body}\n`;
  const { format } = await import("prettier");
  writeFileSync(file, await format(sections.join(""), { parser: "markdown", printWidth: 120 }));
  console.log(body);
}

/** Returns the median, minimum and maximum. */
export function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
  return { median: middle, min: sorted[0]!, max: sorted[sorted.length - 1]! };
}
