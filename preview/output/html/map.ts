import type { PreviewReport, RegionLink } from "../../report";
import { escapeHtml } from "./escape";
import { LabelPlacer } from "./labels";
import {
  collectDisplaced,
  collectEvacuations,
  collectMoves,
  collectRegions,
  countPods,
  findLostRegion,
  type Flow,
  type MapRegion,
  type MapView,
} from "./map-data";
import { fitProjection, type Point, type Projection } from "./projection";

/** Identifies the outline of the land, which a page has once. */
export const LAND_ID = "land";
/** The outline counts in tenths of a degree. */
const LAND_UNITS = 10;
/** Radius of the largest circle, and of one for no pods, in pixels. */
const RADIUS = { most: 24, least: 3 };

const round = (value: number): number => Math.round(value * 10) / 10;
const milliseconds = (value: number): string => `${value < 10 ? round(value) : Math.round(value)} ms`;

function drawLand({ scale, west, north, width }: Projection): string {
  // A map across the antimeridian shows parts of two copies of the world.
  const copies = [-360, 0, 360].filter((offset) => west < offset + 200 && west + width / scale.x > offset - 200);
  return copies
    .map((offset) => {
      const [x, y] = [(offset - west) * scale.x, north * scale.y];
      const [across, down] = [scale.x / LAND_UNITS, scale.y / LAND_UNITS];
      return `<use href="#${LAND_ID}" transform="matrix(${across.toFixed(5)} 0 0 ${down.toFixed(5)} ${round(x)} ${round(y)})"/>`;
    })
    .join("");
}

function drawGraticule({ scale, west, north, width, height }: Projection): string {
  const degrees = Math.max(width / scale.x, height / scale.y);
  const step = [30, 15, 10, 5].find((each) => degrees / each >= 5) ?? 5;
  const lines: string[] = [];
  for (let at = Math.ceil(west / step) * step; (at - west) * scale.x < width; at += step)
    lines.push(`M${round((at - west) * scale.x)} 0V${height}`);
  for (let at = Math.floor(north / step) * step; (north - at) * scale.y < height; at -= step)
    lines.push(`M0 ${round((north - at) * scale.y)}H${width}`);
  return `<path class="graticule" d="${lines.join("")}"/>`;
}

/** The links that a map shows: those within each cluster, or every link of the selected region. One for both ways. */
function chooseLinks({ geography }: PreviewReport, regions: readonly MapRegion[], selected?: string): RegionLink[] {
  const clusters = new Map(regions.map(({ name, clusters }) => [name, clusters]));
  return geography.links.filter(({ from, to }) => {
    const [one, other] = [clusters.get(from), clusters.get(to)];
    if (!one || !other) return false;
    if (selected !== undefined) return from === selected;
    return from < to && one.some((cluster) => other.includes(cluster));
  });
}

const drawLink = (from: Point, to: Point): string =>
  `<line class="link" x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}"/>`;

function labelLink({ rttMs }: RegionLink, from: Point, to: Point, labels: LabelPlacer): string {
  const text = milliseconds(rttMs);
  const place = labels.placeLine(from, to, text);
  return place ? `<text class="round-trip" x="${round(place.x)}" y="${round(place.y)}">${text}</text>` : "";
}

/** An arc that is drawn up to a position, with a dot at its end. */
function drawFlow({ pods, from: source, to: target }: Flow, from: Point, to: Point, position: number): string {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const bend = Math.max(14, 0.18 * length) / (length || 1);
  const middle = { x: (from.x + to.x) / 2 + dy * bend, y: (from.y + to.y) / 2 - dx * bend };
  const along = (axis: "x" | "y"): number =>
    (1 - position) ** 2 * from[axis] + 2 * position * (1 - position) * middle[axis] + position ** 2 * to[axis];
  // The part of a quadratic Bézier curve up to a position is such a curve again.
  const control = {
    x: from.x + (middle.x - from.x) * position,
    y: from.y + (middle.y - from.y) * position,
  };
  const end = { x: round(along("x")), y: round(along("y")) };
  const path = `M${round(from.x)} ${round(from.y)}Q${round(control.x)} ${round(control.y)} ${end.x} ${end.y}`;
  const title = `<title>${pods} ${pods === 1 ? "pod" : "pods"}: ${escapeHtml(source)} → ${escapeHtml(target)}</title>`;
  const size = round(1.2 + Math.min(3, Math.sqrt(pods) / 2));
  return `<g class="flow">${title}<path d="${path}" stroke-width="${size}"/><circle cx="${end.x}" cy="${end.y}" r="${round(size + 1.5)}"/></g>`;
}

/** Draws a map of a fleet as SVG. Equal reports and views give equal bytes. */
export function renderMap(report: PreviewReport, view: MapView): string {
  const regions = collectRegions(report, view.cluster);
  if (regions.length === 0) return "";
  const projection = fitProjection(regions, view.width);
  const { width, height } = projection;
  const points = new Map(regions.map((region) => [region.name, projection.project(region)]));
  const lost = findLostRegion(report, view.drill);
  const counts = countPods(report, regions, view);
  const largest = Math.max(1, ...regions.flatMap(({ pods }) => [pods.before, pods.after]), ...counts.values());
  const most = RADIUS.most * Math.min(1, width / 900 + 0.1);
  const radius = (pods: number): number =>
    pods <= 0 ? RADIUS.least : Math.max(RADIUS.least + 1, most * Math.sqrt(pods / largest));

  const circles = regions
    .map((region) => {
      const pods = Math.max(region.pods.before, region.pods.after);
      return {
        region,
        ...points.get(region.name)!,
        radius: radius(pods),
        text: `${region.name} ${"0".repeat(String(pods).length)}`,
      };
    })
    // Small circles are drawn over large ones.
    .sort((a, b) => b.radius - a.radius || (a.region.name < b.region.name ? -1 : 1));
  const labels = new LabelPlacer({ x: 0, y: 0, width, height }, circles);
  const drawn = circles.map((circle) => {
    const { x, y, region } = circle;
    const { name, pods } = region;
    const [label, count] = [labels.placeCircle(circle), counts.get(name)!];
    const earlier = view.drill === undefined ? pods.before : pods.after;
    const center = `cx="${round(x)}" cy="${round(y)}"`;
    const states = ["region", name === view.region && "selected", name === lost && "lost"].filter(Boolean).join(" ");
    return (
      `<g class="${states}" data-region="${escapeHtml(name)}"><circle class="pods" ${center} r="${round(radius(count))}"/>` +
      (count !== earlier ? `<circle class="before" ${center} r="${round(radius(earlier))}"/>` : "") +
      `<text x="${round(label.x)}" y="${round(label.y)}" text-anchor="${label.anchor}">${escapeHtml(name)} <tspan class="count">${Math.round(count)}</tspan></text></g>`
    );
  });
  const ends = ({ from, to }: { readonly from: string; readonly to: string }): [Point, Point] => [
    points.get(from)!,
    points.get(to)!,
  ];
  const links = chooseLinks(report, regions, view.region);
  const [flows, position] =
    view.drill === undefined
      ? [collectMoves(report, view.cluster), view.position]
      : [collectEvacuations(collectDisplaced(report, view)), 1];
  const arcs = flows
    .filter(({ from, to }) => position > 0 && points.has(from) && points.has(to))
    .map((flow) => drawFlow(flow, ...ends(flow), position));
  const description = `Map of ${regions.length} ${regions.length === 1 ? "region" : "regions"} with the pods in each`;
  return (
    `<svg class="map" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${description}">` +
    `<g class="ground">${drawLand(projection)}${drawGraticule(projection)}</g>` +
    `<g>${links.map((link) => drawLink(...ends(link))).join("")}</g>` +
    `<g>${drawn.join("")}</g><g class="${view.drill === undefined ? "moves" : "evacuations"}">${arcs.join("")}</g>` +
    `<g>${links.map((link) => labelLink(link, ...ends(link), labels)).join("")}</g></svg>`
  );
}
