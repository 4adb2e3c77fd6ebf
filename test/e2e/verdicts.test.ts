import { withCluster } from "../../bench/lab-cluster";
import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import { defaults } from "../../fleet/defaults";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { Validator, type Verdict } from "../../policies/schema/validator";
import { minorOf } from "../../policies/schema/versions";
import { type Case, corpus, validObjects } from "../fixtures/verdicts/corpus";
import { type DryRun, dryRuns } from "./dry-runs";

jest.setTimeout(900_000);

const isDefinition = ({ kind }: KubeObject): boolean => kind === "CustomResourceDefinition";
const definitions = validObjects().filter(isDefinition);
const minor = minorOf(defaults.cluster.kubernetesVersion)!;

/** Validates objects offline. Changed definitions must not define the kinds of other objects. */
function offline(validator: Validator, cases: readonly Case[]): Verdict[] {
  const objects = cases.map(({ object }) => object);
  const verdicts = new Map<KubeObject, Verdict>();
  for (const part of [objects.filter(isDefinition), objects.filter((each) => !isDefinition(each))]) {
    const answer = validator.verdicts(minor, part, definitions);
    answer?.verdicts.forEach((verdict, index) => verdicts.set(part[index]!, verdict));
  }
  return objects.map((object) => verdicts.get(object)!);
}

/** Whether an offline verdict and a dry run agree: the outcome, the causes by field, and the warnings. */
function agree(verdict: Verdict, dryRun: DryRun): boolean {
  if (verdict.outcome !== dryRun.outcome) return false;
  if (verdict.outcome === "failed") return true;
  const { causes = [], message, warnings = [] } = verdict;
  const left = dryRun.causes.map(({ reason, field, message: text }) => ({
    reason,
    // The cause concerns the whole object.
    field: field === "<nil>" ? "" : field,
    // Messages about Secrets contain no values.
    message: text.replace(/("<secret contents redacted>": invalid character )'.' /, "$1"),
  }));
  for (const { type = "", field = "", detail = "" } of causes) {
    const same = left.findIndex(
      (each) => each.reason === type && each.field === field && each.message.endsWith(detail),
    );
    if (same === -1) return false;
    left.splice(same, 1);
  }
  return left.length === 0 && message === dryRun.message && String(warnings) === String(dryRun.warnings);
}

test("offline validation and the API server agree", async () => {
  const [lab, validator] = await resolveTools([tool("lab"), tool("manifest-validator")], new ConsoleProgress());
  const cases = corpus();
  const answers = await withCluster(lab!.path, ({ config }) =>
    dryRuns(
      config,
      cases.map(({ object }) => object),
      definitions,
    ),
  );
  const verdicts = offline(new Validator(validator!.path), cases);
  const differences = cases.flatMap(({ name }, index) =>
    agree(verdicts[index]!, answers[index]!) ? [] : [{ name, offline: verdicts[index], server: answers[index] }],
  );
  const refused = answers.filter(({ outcome }) => outcome === "refused").length;
  console.log(`${cases.length} objects, ${refused} refused, ${differences.length} differences`);
  expect(refused).toBeGreaterThan(500);
  expect(differences).toEqual([]);
});
