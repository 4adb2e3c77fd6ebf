import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runPolicy } from "../../../cli/policy/run";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { Policy } from "../../../policies/engine/policy";
import type { PolicyReport } from "../../../policies/engine/report";
import { evaluateReceived } from "../../../policies/jest/compliance";
import { readReceived } from "../../../policies/jest/received";
import { planPolicies } from "../../../policies/plan/policies";
import { objectText } from "../../../policies/reports/groups";
import { rules } from "../../../policies/rules";
import { runPlan } from "./run-plan";

/** A team's policy as a module, because the command loads it from a file. */
const MODULE = `
const text = { title: "Toy", why: "It is a toy", severity: "error", remedy: "Fix it." };
const onObjects = (id, check, more) => ({ ...text, ...more, subject: "object", id, check });
const broken = (path) => [{ path, message: "is broken" }];
module.exports.policy = {
  rules: [
    onObjects("trimmed", ({ data = {} }) => Object.values(data).flatMap((value) => (value.trim(), []))),
    onObjects("kept", ({ data = {} }) => (data.toy === "lost" ? broken("data.toy") : []), { severity: "warning" }),
    onObjects("disabled", () => broken("")),
    onObjects("throwing", ({ metadata }) => {
      if (metadata.name === "thrown") throw new Error("no such toy");
      return [];
    }),
    {
      ...text,
      subject: "cluster",
      id: "together",
      check: ({ objects }) => objects.slice(0, 1).map((object) => ({ object, path: "", message: "of " + objects.length })),
    },
    { ...text, subject: "cluster", id: "throwing-together", check: () => undefined },
  ],
  severities: { default: { disabled: "off", "throwing-together": "warning" } },
  waivers: [
    { rule: "kept", object: "ConfigMap/toys/waived", reason: "A test.", expires: "2026-12-31" },
    { rule: "kept", object: "ConfigMap/toys/expired", reason: "A test.", expires: "2026-10-31" },
  ],
};
`;

const toy = (name: string, data: object): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "toys" },
  data,
});
const toys = [
  toy("expired", { toy: "lost" }),
  toy("malformed", { toy: 5 }),
  toy("nulled", { toy: null }),
  toy("thrown", { toy: "kept" }),
  toy("waived", { toy: "lost" }),
];
const today = "2026-11-24";
const ids = ["matches-schema", "trimmed", "kept", "disabled", "throwing", "together", "throwing-together"];

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skerry-paths-"));
  file = join(folder, "policy.js");
  writeFileSync(file, MODULE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Findings in one form: `mandatory kept ConfigMap toys/waived: data.toy: is broken`. */
function findingsIn({ findings }: PolicyReport): string[] {
  return findings
    .filter(({ waived }) => !waived)
    .map(({ severity, rule, object, path, message }) => {
      const level = severity === "error" ? "mandatory" : "advisory";
      const location = [...(object ? [objectText(object)] : []), ...(path === "" ? [] : [path])];
      return `${level} ${rule} ${[...location, message].join(": ")}`;
    })
    .sort();
}

async function commandFindings(): Promise<string[]> {
  const manifests = join(folder, "toys.json");
  const output = join(folder, "report.json");
  writeFileSync(manifests, JSON.stringify({ apiVersion: "v1", kind: "List", items: toys }));
  const options = { stack: "local", failOn: "error", format: "json", validation: "openapi" } as const;
  await runPolicy([manifests], {
    ...options,
    config: file,
    rule: ids.filter((id) => id !== "disabled"),
    today,
    output,
  });
  return findingsIn(JSON.parse(readFileSync(output, "utf8")) as PolicyReport);
}

function matcherFindings(policy: Policy): string[] {
  return findingsIn(evaluateReceived(readReceived(toys), { policy, rules: ids, today }));
}

function planFindings(policy: Policy): string[] {
  const policies = planPolicies(
    rules.filter(({ id }) => ids.includes(id)),
    { policy, today },
  );
  const resources = toys.map((props) => ({
    type: "kubernetes:core/v1:ConfigMap",
    urn: props.metadata.name!,
    props,
  }));
  return runPlan(policies, resources)
    .map(({ level, policy: rule, message }) => `${level} ${rule} ${message.split("\n")[0]}`)
    .sort();
}

test("the command, the matchers and the plan report the same findings", async () => {
  const { policy } = jest.requireActual<{ policy: Policy }>(file);
  const expected = await commandFindings();
  expect(expected).toEqual([
    "advisory kept ConfigMap toys/expired: data.toy: is broken",
    expect.stringMatching(
      /^mandatory matches-schema ConfigMap toys\/malformed: data\.toy: .*; rules that cannot check this malformed object: trimmed$/,
    ),
    "mandatory rule-failed ConfigMap toys/thrown: rule throwing failed: Error: no such toy",
    "mandatory rule-failed rule throwing-together failed: must return a list of violations with path and message",
    "mandatory together ConfigMap toys/expired: of 5",
    expect.stringMatching(
      /^mandatory waiver-expired waivers\[1\]: .* expired after 2026-10-31; 1 finding counts again$/,
    ),
  ]);
  expect(matcherFindings(policy)).toEqual(expected);
  expect(planFindings(policy)).toEqual(expected);
});
