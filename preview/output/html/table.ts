import type { WorkloadName } from "../../report";
import { shortName } from "../tally";
import { escapeHtml } from "./escape";

/** Colors a cell by what it says. */
export type Tone = "bad" | "warn" | "good";

/** A cell that sorts by a number, or has a color. */
export interface RichCell {
  readonly text: string;
  readonly value?: number;
  readonly tone?: Tone;
}

export type Cell = string | RichCell;

export interface Column {
  readonly title: string;
  /** Sorts by number and aligns to the right. */
  readonly numeric?: boolean;
  /** Holds text of any length, which wraps. */
  readonly wrap?: boolean;
  /** Holds Kubernetes values. */
  readonly code?: boolean;
}

/** A table that readers can sort and search. */
export interface Table {
  /** Identifies the table in the page. */
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export const CLUSTER: Column = { title: "Cluster" };
export const WORKLOAD: readonly Column[] = [CLUSTER, { title: "Workload" }, { title: "Kind" }];
export const prose = (title: string): Column => ({ title, wrap: true });
export const numeric = (title: string): Column => ({ title, numeric: true });

export const nameCells = (workload: WorkloadName): Cell[] => [workload.cluster, shortName(workload), workload.kind];
export const count = (value: number): RichCell => ({ text: String(value), value });

/** Rows that a table shows: browsers take seconds for more. */
export const MOST_ROWS = 5000;
/** Characters that a cell shows at first. */
const SHOWN = 160;

function renderText(text: string): string {
  if (text.length <= SHOWN) return escapeHtml(text);
  return `<details><summary>${escapeHtml(text.slice(0, SHOWN))}…</summary>${escapeHtml(text)}</details>`;
}

function renderCell(cell: Cell, { numeric, wrap, code }: Column): string {
  const { text, value, tone }: RichCell = typeof cell === "string" ? { text: cell } : cell;
  const classes = [numeric && "numeric", wrap && "wrap", tone].filter(Boolean).join(" ");
  const attributes = `${classes && ` class="${classes}"`}${value === undefined ? "" : ` data-value="${value}"`}`;
  const content = renderText(text);
  return `<td${attributes}>${code && text !== "" ? `<code>${content}</code>` : content}</td>`;
}

/**
 * Renders a table as a section of the page. A table without rows is one line, so that its absence does not look like an omission. One
 * with too many says how many it leaves out.
 */
export function renderTable({ id, title, columns, rows }: Table): string {
  const left = rows.length - MOST_ROWS;
  const cut = left > 0;
  const total = rows.length === 0 ? "none" : cut ? `${MOST_ROWS} of ${rows.length}` : rows.length;
  const heading = `${escapeHtml(title)} <span class="total">${total}</span>`;
  if (rows.length === 0) return `<section id="${id}" class="empty"><h2>${heading}</h2></section>`;
  const head = columns.map(
    (column) =>
      `<th scope="col"${column.numeric ? ' class="numeric" data-sort="number"' : ""}>${escapeHtml(column.title)}</th>`,
  );
  const body = rows
    .slice(0, MOST_ROWS)
    .map((row) => `<tr>${row.map((cell, index) => renderCell(cell, columns[index]!)).join("")}</tr>`);
  return (
    `<section id="${id}"><h2 id="${id}-title">${heading}</h2>` +
    `<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}-title"><table aria-labelledby="${id}-title"><thead><tr>${head.join("")}</tr></thead>\n` +
    `<tbody>${body.join("\n")}</tbody></table></div>${cut ? `<p class="cut">${left} ${left === 1 ? "row is" : "rows are"} left out, and in the JSON of this page.</p>` : ""}</section>`
  );
}
