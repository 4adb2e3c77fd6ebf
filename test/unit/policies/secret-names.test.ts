import { noPlainSecrets } from "../../../policies/rules/no-plain-secrets";
import { container, podSpec, workload } from "./cases/case";
import { SECRET_FLAGS, SECRET_FORMS, SECRET_NAMES, type SecretForm } from "../../../policies/kubernetes/secret-forms";

/** Pieces of what the expressions look for, of which a text that makes an expression try again and again consists. */
const PIECES = [
  ..." =-_.,;&$<{[:/A1",
  "--",
  "- ",
  "PASSWORD",
  "-PASSWORD ",
  "_PASS",
  "ACCESS_",
  "SECRET_KEY",
  "TLS_SECRET",
  "TOKEN=",
  "REF+",
  "ENC[",
  "{{",
  "REDIS-CLI ",
  "CURL -U ",
  "MYSQL A ",
  "BASIC ",
];
const LENGTH = 100_000;
/** A single pass takes a few milliseconds; with a quadratic expression, a text of this length takes minutes. */
const MOST_MS = 1_000;

const expressions = [
  ...SECRET_NAMES.flatMap(({ name, except, noSecret }) => [name, ...(except === undefined ? [] : [except]), noSecret]),
  ...SECRET_FLAGS.flatMap(({ flag, noSecret }) => [flag, noSecret]),
];

test.each(expressions)(
  "%s takes time proportional to the text",
  (expression) => {
    const regex = new RegExp(expression, "g");
    const slow: object[] = [];
    for (const first of PIECES) {
      for (const second of ["", ...PIECES]) {
        const unit = first + second;
        const text = `${unit.repeat(Math.ceil(LENGTH / unit.length))}\u0000`;
        const started = performance.now();
        // No more than the first match, which a text without one never has.
        regex.lastIndex = 0;
        regex.exec(text);
        const took = performance.now() - started;
        if (took > MOST_MS) slow.push({ unit, took });
      }
    }
    expect(slow).toEqual([]);
  },
  600_000,
);

test("a command line of many flags is searched in proportion to their number", () => {
  const args = Array.from({ length: 40_000 }, () => "--password=hunter2");
  const started = performance.now();
  expect(noPlainSecrets.check(workload("Pod", podSpec({ containers: [container({ args })] })))).toHaveLength(40_000);
  expect(performance.now() - started).toBeLessThan(2 * MOST_MS);
});

test("the API server can afford every expression over the largest ConfigMap", () => {
  // PerCallLimit of k8s.io/apiserver/pkg/cel; cel-go counts a tenth of the text times a quarter of an expression, and times a
  // tenth of each hint.
  const perCall = 1_000_000;
  const cost = ({ expression = "", hints }: SecretForm): number =>
    Math.ceil(2 ** 20 / 10) *
    (Math.ceil(expression.length / 4) + hints.reduce((sum, hint) => sum + Math.ceil(hint.length / 10), 0));
  expect(SECRET_FORMS.filter((form) => cost(form) > perCall)).toEqual([]);
});
