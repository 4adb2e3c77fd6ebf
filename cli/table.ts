import Table from "cli-table3";

const NONE = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Formats rows as aligned columns without borders. */
export function formatColumns(rows: readonly (readonly string[])[], head?: readonly string[]): string {
  const table = new Table({
    chars: NONE,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  });
  if (head) table.push([...head]);
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => `  ${line.trimEnd()}`)
    .join("\n");
}
