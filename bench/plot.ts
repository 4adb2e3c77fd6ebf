import { writeFileSync } from "node:fs";
import { join } from "node:path";

import * as echarts from "echarts";

/** Folder of the documentation's images. */
const folder = join(__dirname, "..", "docs", "images");

export interface Series {
  readonly name: string;
  /** x, y, and optionally the bounds of an interval around y. */
  readonly points: readonly (readonly [x: number | string, y: number, low?: number, high?: number])[];
}

export interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** @default "line" */
  readonly kind?: "line" | "bar";
  /** Logarithmic axis. */
  readonly logarithmic?: { readonly x?: boolean; readonly y?: boolean };
}

const [HEIGHT, TOP, BOTTOM, SIDE] = [360, 90, 45, 65];
/** Width of a panel in pixels. A single panel also holds the legend. */
const [WIDTH, ALONE] = [460, 760];

/**
 * Draws panels side by side into an SVG in `docs/images`. A series has the same color in every panel. Equal input draws
 * equal bytes.
 */
export function plot(name: string, title: string, panels: readonly Panel[]): void {
  const names = [...new Set(panels.flatMap(({ series }) => series.map((each) => each.name)))];
  const width = panels.length === 1 ? ALONE : WIDTH;
  const chart = echarts.init(null, null, {
    renderer: "svg",
    ssr: true,
    width: width * panels.length,
    height: HEIGHT,
  });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: [
      { text: title, left: "center", top: 4, textStyle: { fontSize: 15 } },
      ...panels.map((panel, index) => ({
        text: panel.title,
        left: width * (index + 0.5),
        top: 62,
        textAlign: "center" as const,
        textStyle: { fontSize: 12, fontWeight: "normal" as const },
      })),
    ],
    legend: { data: names, top: 30, icon: "roundRect", itemGap: 40, textStyle: { fontSize: 11 } },
    grid: panels.map((_, index) => ({
      left: width * index + SIDE,
      width: width - SIDE - 20,
      top: TOP,
      bottom: BOTTOM,
    })),
    xAxis: panels.map((panel, gridIndex) => ({
      gridIndex,
      name: panel.x,
      nameLocation: "middle" as const,
      nameGap: 28,
      type: panel.kind === "bar" ? ("category" as const) : panel.logarithmic?.x ? ("log" as const) : ("value" as const),
      scale: true,
    })),
    yAxis: panels.map((panel, gridIndex) => ({
      gridIndex,
      name: panel.y,
      nameLocation: "middle" as const,
      nameGap: 45,
      type: panel.logarithmic?.y ? ("log" as const) : ("value" as const),
    })),
    series: panels.flatMap((panel, index) =>
      panel.series.flatMap(({ name, points }) => {
        const axes = { xAxisIndex: index, yAxisIndex: index, name };
        const colour = PALETTE[names.indexOf(name) % PALETTE.length]!;
        const data = points.map(([x, y]) => [x, y]);
        const intervals = points.filter(([, , low, high]) => low !== undefined && high !== undefined);
        return [
          { ...axes, type: panel.kind ?? "line", data, itemStyle: { color: colour }, symbolSize: 5 },
          ...intervals.map(([x, , low, high]) => ({
            ...axes,
            type: "line" as const,
            data: [
              [x, low],
              [x, high],
            ],
            symbol: "none",
            lineStyle: { color: colour, width: 1, opacity: 0.6 },
            silent: true,
          })),
        ];
      }),
    ),
  });
  writeFileSync(join(folder, `${name}.svg`), `${chart.renderToSVGString()}\n`);
  chart.dispose();
}

/** Colors that people with color vision deficiency can distinguish (Okabe and Ito, 2008). */
const PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"];
