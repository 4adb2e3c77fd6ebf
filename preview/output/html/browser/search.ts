/** Lets a search box hide the rows of all tables that lack one of its words. */
export function enableSearch(input: HTMLInputElement, matches: HTMLElement): void {
  const sections = [...document.querySelectorAll<HTMLElement>("main section")].flatMap((section) => {
    const total = section.querySelector("h2 .total");
    const rows = [...section.querySelectorAll<HTMLTableRowElement>("tbody tr")];
    return total && rows.length > 0
      ? { total, all: total.textContent, rows: rows.map((row) => ({ row, text: row.textContent.toLowerCase() })) }
      : [];
  });
  const filter = (): void => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { total, all, rows } of sections) {
      const hits = rows.filter(({ row, text }) => {
        row.hidden = !words.every((word) => text.includes(word));
        return !row.hidden;
      }).length;
      found += hits;
      total.textContent = words.length > 0 ? `${hits} of ${rows.length}` : all;
    }
    matches.textContent = words.length > 0 ? `${found} ${found === 1 ? "row matches" : "rows match"}` : "";
  };
  input.closest("label")!.hidden = false;
  input.addEventListener("input", filter);
  // Browsers restore what a reader typed when a page is opened again.
  filter();
}
