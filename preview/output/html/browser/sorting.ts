const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const cellOf = (row: HTMLTableRowElement, column: number): HTMLTableCellElement => row.cells[column]!;
const numberOf = (row: HTMLTableRowElement, column: number): number => Number(cellOf(row, column).dataset.value ?? -1);
const textOf = (row: HTMLTableRowElement, column: number): string => cellOf(row, column).textContent;

function sortRows(table: HTMLTableElement, heading: HTMLTableCellElement): void {
  const column = heading.cellIndex;
  const descending = heading.ariaSort === "ascending";
  const order = descending ? -1 : 1;
  const compare =
    heading.dataset.sort === "number"
      ? (a: HTMLTableRowElement, b: HTMLTableRowElement) => numberOf(a, column) - numberOf(b, column)
      : (a: HTMLTableRowElement, b: HTMLTableRowElement) => collator.compare(textOf(a, column), textOf(b, column));
  const body = table.tBodies[0]!;
  body.append(...[...body.rows].sort((a, b) => order * compare(a, b)));
  for (const other of table.tHead!.rows[0]!.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
}

/** Turns the headings of a table into buttons that sort its rows; a second press reverses the order. */
export function enableSorting(table: HTMLTableElement): void {
  for (const heading of table.tHead!.rows[0]!.cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sortRows(table, heading));
    heading.replaceChildren(button);
  }
}
