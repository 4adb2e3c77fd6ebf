import type { PreviewReport } from "../../report";
import { escapeHtml } from "./escape";

/** A list to choose from, whose first entry is none. */
function renderSelect(
  id: string,
  label: string,
  none: string,
  options: readonly (readonly [string, string])[],
): string {
  const items = [["", none] as const, ...options].map(
    ([value, text]) => `<option value="${escapeHtml(value)}">${escapeHtml(text)}</option>`,
  );
  return `<label>${label} <select id="${id}">${items.join("")}</select></label>`;
}

/** Renders the controls of the map. They are hidden until the script runs, because they do nothing without it. */
export function renderControls({ base, regions, drills }: PreviewReport): string {
  const clusters = [...new Set(regions.map(({ cluster }) => cluster))];
  const slider =
    '<div class="states" role="group" aria-label="State of the fleet"><button type="button" id="before" aria-pressed="false">Before</button>' +
    '<input type="range" id="position" min="0" max="100" step="5" value="100" aria-label="Position between before and after the change" aria-valuetext="after the change">' +
    '<button type="button" id="after" aria-pressed="true">After</button></div>';
  const parts = [
    base === undefined ? "" : slider,
    clusters.length > 1
      ? renderSelect(
          "cluster",
          "Cluster",
          "all clusters",
          clusters.map((name) => [name, name] as const),
        )
      : "",
    drills.length > 0
      ? renderSelect(
          "drill",
          "Drill",
          "no drill",
          drills.map(({ drill }, index) => [String(index), drill] as const),
        )
      : "",
  ];
  return `<div class="controls" hidden>${parts.join("")}</div>`;
}
