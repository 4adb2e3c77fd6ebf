import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { renderHtml } from "../../preview/output/html";
import type { PreviewReport } from "../../preview/report";
import { describeLocalFleet, previewLocalFleet } from "../unit/preview/local-fleet";
import { BrowserPage } from "./support/browser";
import { findChromium } from "./support/installed-chromium";

const { program, suite, reason } = findChromium("test/integration/report-page.test.ts");

/** The row of cells in one column of a table. */
const column = (table: string, index: number): string =>
  `[...document.querySelectorAll("#${table} tbody tr:not([hidden]) td:nth-child(${index})")].map((cell) => cell.textContent)`;

const COUNT = `document.querySelector('#map [data-region="sydney"] .count').textContent`;

suite(`the page in Chromium${reason}`, () => {
  let folder: string;
  const url = (name: string): string => pathToFileURL(join(folder, name)).href;
  let page: BrowserPage;
  let report: PreviewReport;
  /** Pods in Sydney before the change, in the middle and after it, as the map shows them. */
  let sydney: readonly [before: string, middle: string, after: string];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "skerry-page-"));
    report = await previewLocalFleet();
    const { before = 0, after = 0 } = report.regions.find(({ region }) => region === "sydney")!.pods;
    sydney = [`${before}`, `${Math.round((before + after) / 2)}`, `${after}`];
    writeFileSync(join(folder, "preview.html"), renderHtml(report));
    writeFileSync(join(folder, "map.html"), renderHtml(await describeLocalFleet()));
    page = await BrowserPage.start(program);
    await page.resize(1400, 1000);
  }, 60_000);
  afterAll(async () => {
    await page.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await page.setMedia({ "prefers-reduced-motion": "reduce" });
    page.requests.length = 0;
    await page.open(url("preview.html"));
  });
  // An exception, or anything that the security policy blocks.
  afterEach(() => expect(page.problems).toEqual([]));

  const focus = (selector: string): Promise<unknown> => page.evaluate(`document.querySelector('${selector}').focus()`);
  const choose = (selector: string, value: string): Promise<unknown> =>
    page.evaluate(
      `{ const list = document.querySelector("${selector}"); list.value = ${JSON.stringify(value)}; list.dispatchEvent(new Event("change")) }`,
    );

  it("requests nothing but itself", async () => {
    await choose("#drill", "0");
    expect(page.requests).toEqual([url("preview.html")]);
  });

  it("changes the counts with the slider, by arrow keys", async () => {
    await focus("#position");
    expect(await page.evaluate(COUNT)).toBe(sydney[2]);
    for (let presses = 0; presses < 10; presses += 1) await page.press("ArrowLeft");
    expect(await page.evaluate(COUNT)).toBe(sydney[1]);
    expect(await page.evaluate(`document.querySelector("#position").getAttribute("aria-valuetext")`)).toBe("50 %");
    await page.press("Home");
    expect(await page.evaluate(COUNT)).toBe(sydney[0]);
    expect(await page.evaluate(`document.querySelector("#before").getAttribute("aria-pressed")`)).toBe("true");
    expect(await page.evaluate(`document.querySelectorAll("#map .flow").length`)).toBe(0);
  });

  it("goes to a state at once if motion is reduced, and otherwise by and by", async () => {
    await page.evaluate(`document.querySelector("#before").click()`);
    expect(await page.evaluate(COUNT)).toBe(sydney[0]);
    await page.setMedia({ "prefers-reduced-motion": "no-preference" });
    await page.evaluate(`document.querySelector("#after").click()`);
    expect(await page.evaluate(COUNT)).toBe(sydney[0]);
    const end = `new Promise((resolve) => setTimeout(() => resolve(${COUNT}), 1500))`;
    expect(await page.evaluate(end)).toBe(sydney[2]);
  });

  it("shows a region's workloads, and hides them at Escape", async () => {
    await focus('#region-list [data-region="sydney"]');
    await page.press("Enter");
    expect(await page.evaluate(`document.querySelector("#detail h3").textContent`)).toBe("sydney");
    expect(await page.evaluate(`document.activeElement.dataset.region`)).toBe("sydney");
    expect(await page.evaluate(`document.querySelectorAll("#map .link").length`)).toBe(9);
    await page.press("Escape");
    expect(await page.evaluate(`document.querySelector("#detail h3")`)).toBeNull();
  });

  it("shows a drill and one cluster", async () => {
    await choose("#cluster", "tokyo");
    expect(await page.evaluate(`document.querySelectorAll("#map .region").length`)).toBe(3);
    await page.evaluate(
      `{ const list = document.querySelector("#drill"); list.selectedIndex = [...list.options].findIndex(({ text }) => text === "region=sydney"); list.dispatchEvent(new Event("change")) }`,
    );
    expect(await page.evaluate(COUNT)).toBe("0");
    expect(await page.evaluate(`document.querySelector("#detail h3").textContent`)).toBe("Drill region=sydney");
    expect(await page.evaluate(`document.querySelector("#position").disabled`)).toBe(true);
  });

  it("sorts numbers and names, in both directions", async () => {
    const heading = (index: number): string => `#regions thead th:nth-child(${index}) button`;
    const order = (index: number): Promise<unknown> =>
      page.evaluate(`document.querySelector("#regions thead th:nth-child(${index})").getAttribute("aria-sort")`);
    await focus(heading(3));
    await page.press("Enter");
    expect((await page.evaluate<string[]>(column("regions", 3)))[0]).toBe("13 → 5");
    expect(await order(3)).toBe("ascending");
    await page.press("Space");
    expect((await page.evaluate<string[]>(column("regions", 3))).at(-1)).toBe("13 → 5");
    expect(await order(3)).toBe("descending");
    await focus(heading(2));
    await page.press("Enter");
    const names = await page.evaluate<string[]>(column("regions", 2));
    expect(names).toEqual([...names].sort());
    expect([await order(2), await order(3)]).toEqual(["ascending", null]);
  });

  it("filters the rows of all tables", async () => {
    await focus("#search");
    await page.type("Sydney dashboard");
    const moves = await page.evaluate<string[]>(column("moves", 2));
    expect(moves).toEqual(["telemetry/dashboard", "telemetry/dashboard"]);
    expect(await page.evaluate(column("regions", 1))).toEqual([]);
    expect(await page.evaluate(`document.querySelector("#moves .total").textContent`)).toBe(
      `2 of ${report.moves.length}`,
    );
    expect(await page.evaluate(`document.querySelector("#matches").textContent`)).toMatch(/^\d+ rows match$/);
  });

  it("has a name for each control, and the keyboard reaches all of them in the order of the page", async () => {
    const controls = `[...document.querySelectorAll("button, select, input, a, summary, [tabindex]")].filter((element) => element.checkVisibility() && !element.disabled)`;
    const expected = await page.evaluate<number>(`(${controls}).length`);
    expect(expected).toBeGreaterThan(60);
    await page.evaluate(`window.scrollTo(0, 0)`);
    const reached: number[] = [];
    for (let presses = 0; presses < expected; presses += 1) {
      await page.press("Tab");
      reached.push(await page.evaluate<number>(`(${controls}).indexOf(document.activeElement)`));
    }
    expect(reached).toEqual(Array.from({ length: expected }, (_, index) => index));
    const { nodes } = (await page.send("Accessibility.getFullAXTree")) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[];
    };
    const roles = new Set(["button", "slider", "combobox", "searchbox", "link", "table", "image", "region"]);
    const named = nodes.filter(({ ignored, role }) => !ignored && roles.has(role?.value ?? ""));
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter(({ name }) => !name?.value)).toEqual([]);
  });

  it("has a light and a dark theme in which text is legible", async () => {
    const contrast = `(() => {
      const rgb = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
      const light = (color) => rgb(color).map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
      const ground = (element) => {
        const color = getComputedStyle(element).backgroundColor;
        return color === "rgba(0, 0, 0, 0)" && element.parentElement ? ground(element.parentElement) : color;
      };
      const ratio = (element) => {
        const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      };
      const selectors = ["h1", ".kind", ".facts", "dt", "dd", "a", ".total", "th button", "td", ".bad", ".warn", ".good", ".delta", ".hint", ".legend"];
      return Object.fromEntries(selectors.map((name) => [name, ratio(document.querySelector(name))]));
    })()`;
    const grounds: string[] = [];
    for (const scheme of ["light", "dark"]) {
      await page.setMedia({ "prefers-color-scheme": scheme });
      grounds.push(await page.evaluate(`getComputedStyle(document.body).backgroundColor`));
      const ratios = await page.evaluate<Record<string, number>>(contrast);
      expect(Object.entries(ratios).filter(([, ratio]) => ratio < 4.5)).toEqual([]);
    }
    expect(grounds).toEqual(["rgb(255, 255, 255)", "rgb(15, 19, 24)"]);
  });

  it("fits narrow windows", async () => {
    await page.resize(360, 800);
    try {
      await page.open(url("preview.html"));
      expect(await page.evaluate(`document.documentElement.scrollWidth <= innerWidth`)).toBe(true);
      expect(
        await page.evaluate(`document.querySelector("#map svg").getBoundingClientRect().right <= innerWidth`),
      ).toBe(true);
    } finally {
      await page.resize(1400, 1000);
    }
  });

  it("is readable without a script", async () => {
    await page.send("Emulation.setScriptExecutionDisabled", { value: true });
    try {
      await page.open(url("preview.html"));
    } finally {
      await page.send("Emulation.setScriptExecutionDisabled", { value: false });
    }
    expect(await page.evaluate(column("moves", 1))).toHaveLength(report.moves.length);
    expect(await page.evaluate(`document.querySelector("#map svg").checkVisibility()`)).toBe(true);
    expect(
      await page.evaluate(
        `[...document.querySelectorAll("select, input, button")].filter((each) => each.checkVisibility()).length`,
      ),
    ).toBe(0);
  });

  it("shows a fleet without a base", async () => {
    await page.open(url("map.html"));
    expect(await page.evaluate(`document.querySelector("#position")`)).toBeNull();
    expect(await page.evaluate(COUNT)).toBe(sydney[0]);
  });
});
