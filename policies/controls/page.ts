import { kubernetesSchema, knownMinors } from "../schema/versions";
import { type Checked, OTHER_POD_SPECS, PLACE_RULES } from "./place-rules";
import { type Place, placesOf, podSpecsOf, type Topic, TOPICS } from "./places";
import { type Control, HARDENING_GUIDE, POD_SECURITY_STANDARDS } from "./standards";

const HEADINGS: Readonly<Record<Topic, string>> = {
  image: "Images",
  probe: "Probes and lifecycle handlers",
  account: "Accounts",
  secret: "Secrets, and what may hold them",
  volume: "Volumes and paths of the node",
  security: "Rights of a container",
};

/** Every place in the versions of Kubernetes that are known. */
export function everyPlace(): Place[] {
  const places = new Map(
    knownMinors().flatMap((minor) => placesOf(kubernetesSchema(minor)).map((place) => [place.name, place] as const)),
  );
  return [...places.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The kinds that hold a pod's spec, in the versions of Kubernetes that are known. */
export const everyPodSpec = (): string[] =>
  [...new Set(knownMinors().flatMap((minor) => podSpecsOf(kubernetesSchema(minor))))].sort();

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const rulesText = (checked: Checked, note = ""): readonly [string, string] =>
  "none" in checked ? ["none", checked.none] : [checked.map((id) => `\`${id}\``).join(", "), note];

/** Places with equal answers share a line. */
function placeList(places: readonly Place[]): string {
  const lines = new Map<string, string[]>();
  for (const { name } of places) {
    const [rules, reason] = rulesText(PLACE_RULES[name] ?? { none: "unknown" });
    const key = reason === "" ? `Checked by ${rules}` : `Not checked. ${reason}`;
    lines.set(key, [...(lines.get(key) ?? []), `\`${name}\``]);
  }
  return [...lines].map(([key, names]) => `- ${key.replace(/\.$/, "")}: ${names.join(", ")}.`).join("\n");
}

const controls = (all: readonly Control[]): string =>
  table(
    ["control", "rule", "note, or why there is none"],
    all.map(({ title, checked, note }) => [title, ...rulesText(checked, note)]),
  );

/** What docs/policy-coverage.md says, before it is formatted. */
export function coveragePage(): string {
  const minors = knownMinors();
  const places = everyPlace();
  return [
    "# What the rules cover",
    `Written by \`policies/controls/generate.ts\` from Kubernetes' types (${minors[0]} to ${minors.at(-1)}) and from the tables beside it; \`make verify\` compares. \`npx skerry policy --explain <rule>\` says what a rule demands and why.`,
    "## Pod Security Standards",
    ...Object.entries(POD_SECURITY_STANDARDS).flatMap(([level, all]) => [
      `### ${level[0]!.toUpperCase()}${level.slice(1)}`,
      controls(Object.values(all)),
    ]),
    "## Kubernetes Hardening Guide (NSA and CISA, version 1.2)",
    ...Object.entries(HARDENING_GUIDE).flatMap(([chapter, all]) => [`### ${chapter}`, controls(all)]),
    "## Places in Kubernetes' types",
    "Every field that can hold an image, a probe, an account, a secret, a volume, a path of the node or a security setting, except what the cluster itself writes into `status`.",
    ...TOPICS.flatMap((topic) => [
      `### ${HEADINGS[topic]}`,
      placeList(places.filter((place) => place.topic === topic)),
    ]),
    "## Where pods are found",
    table(
      ["kind", "field", ""],
      everyPodSpec().map((text) => {
        const [version, kind, path] = text.split(" ");
        return [`${version} ${kind}`, `\`${path}\``, OTHER_POD_SPECS[`${version} ${kind}`] ?? "looked at"];
      }),
    ),
    "",
  ].join("\n\n");
}
