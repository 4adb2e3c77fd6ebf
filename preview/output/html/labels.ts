import type { Point } from "./projection";

/** A rectangle on the page. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Mean width of a character and height of a line, in pixels, for the labels of a map. */
const CHARACTER = 6.6;
const LINE = 15;
/** Where the label of a line may be, as shares of its length. */
const LINE_PLACES = [0.5, 0.4, 0.6, 0.3, 0.7];
/** Distance between a circle and its label. */
const GAP = 4;

/** Where the text of a label starts, by its baseline. */
export interface Label extends Point {
  readonly anchor: "start" | "middle" | "end";
}

/** A circle with a label. */
export interface Labelled extends Point {
  readonly radius: number;
  readonly text: string;
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** How much of a box is outside of the map. */
const outside = (box: Box, map: Box): number => box.width * box.height - overlap(box, map);

function candidates({ x, y, radius, text }: Labelled): { readonly label: Label; readonly box: Box }[] {
  const width = text.length * CHARACTER;
  const reach = radius + GAP;
  const diagonal = reach * Math.SQRT1_2;
  const at = (anchor: Label["anchor"], dx: number, dy: number): { readonly label: Label; readonly box: Box } => {
    const left = anchor === "start" ? 0 : anchor === "end" ? -width : -width / 2;
    return {
      label: { anchor, x: x + dx, y: y + dy + LINE * 0.3 },
      box: { x: x + dx + left, y: y + dy - LINE / 2, width, height: LINE },
    };
  };
  return [
    at("start", reach, 0),
    at("end", -reach, 0),
    at("middle", 0, reach + LINE / 2),
    at("middle", 0, -reach - LINE / 2),
    at("start", diagonal, diagonal + LINE / 3),
    at("start", diagonal, -diagonal - LINE / 3),
    at("end", -diagonal, diagonal + LINE / 3),
    at("end", -diagonal, -diagonal - LINE / 3),
  ];
}

/** Places the labels of a map. Each covers a part of the map for those after it. */
export class LabelPlacer {
  private readonly covered: Box[];

  /** @param circles what no label should cover */
  constructor(
    private readonly map: Box,
    circles: readonly Labelled[],
  ) {
    this.covered = circles.map(({ x, y, radius }) => ({
      x: x - radius,
      y: y - radius,
      width: 2 * radius,
      height: 2 * radius,
    }));
  }

  /** Places the label of a circle where it covers the least. */
  placeCircle(circle: Labelled): Label {
    const cost = (box: Box): number => this.overlap(box) + 4 * outside(box, this.map);
    const best = candidates(circle).reduce((one, other) => (cost(other.box) < cost(one.box) ? other : one));
    this.covered.push(best.box);
    return best.label;
  }

  /** Places the label of a line where it covers nothing; undefined if there is no such place. */
  placeLine(from: Point, to: Point, text: string): Point | undefined {
    const size = { width: text.length * CHARACTER, height: LINE };
    for (const share of LINE_PLACES) {
      const [x, y] = [from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share];
      const box = { x: x - size.width / 2, y: y - size.height / 2, ...size };
      if (this.overlap(box) > 0 || outside(box, this.map) > 0) continue;
      this.covered.push(box);
      return { x, y: y + LINE * 0.25 };
    }
    return undefined;
  }

  private overlap(box: Box): number {
    return this.covered.reduce((sum, other) => sum + overlap(box, other), 0);
  }
}
