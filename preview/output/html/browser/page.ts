import type { PreviewReport } from "../../../report";
import { find } from "./elements";
import { MapPanel } from "./map-panel";
import { enableSearch } from "./search";
import { enableSorting } from "./sorting";

const report = JSON.parse(find("#report").textContent) as PreviewReport;

for (const table of document.querySelectorAll<HTMLTableElement>("main table")) enableSorting(table);
enableSearch(find<HTMLInputElement>("#search"), find("#matches"));
if (document.querySelector("#map")) new MapPanel(report).start();
