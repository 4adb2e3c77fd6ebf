import { stringify } from "yaml";

import type { AdoptedFleet } from "./describe-fleet";

/** Longest line of a rendered value, without its indentation. */
const WIDTH = 100;

/** Renders a value as TypeScript, on one line if it is short. */
function renderValue(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const parts = (depth: string): string[] =>
    isList
      ? value.map((item) => renderValue(item, depth))
      : Object.entries(value).map(([key, item]) => `${renderKey(key)}: ${renderValue(item, depth)}`);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const flat = parts(inner);
  if (flat.length === 0) return `${open}${close}`;
  const space = isList ? "" : " ";
  const line = `${open}${space}${flat.join(", ")}${space}${close}`;
  if (line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${flat.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

const renderKey = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));

/** Renders a fleet as a module. */
const renderModule = (fleet: AdoptedFleet): string =>
  `import type { FleetInput } from "skerry/fleet";

/** The fleet as \`skerry adopt\` found it. \`skerry validate\` lists what has to be filled in. */
export const fleet: FleetInput = ${renderValue(fleet)};

export default fleet;
`;

const HEADER = "# The fleet as `skerry adopt` found it. `skerry validate` lists what has to be filled in.\n";

const renderYaml = (fleet: AdoptedFleet): string => `${HEADER}${stringify(fleet, { lineWidth: 0 })}`;

/** File formats by extension. */
export const FORMATS: Readonly<Record<string, (fleet: AdoptedFleet) => string>> = {
  ".ts": renderModule,
  ".yaml": renderYaml,
  ".yml": renderYaml,
  ".json": (fleet) => `${JSON.stringify(fleet, null, 2)}\n`,
};
