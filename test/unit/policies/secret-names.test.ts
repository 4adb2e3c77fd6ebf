import { noPlainSecrets } from "../../../policies/rules/no-plain-secrets";
import { expectLinear } from "../support/linear-time";
import { container, podSpec, workload } from "./cases/case";
import { SECRET_FLAGS, SECRET_FORMS, SECRET_NAMES, type SecretForm } from "../../../policies/kubernetes/secret-forms";

/** Parts of the strings that the expressions match. Repeating them makes a backtracking engine retry. */
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
const UNITS = PIECES.flatMap((first) => ["", ...PIECES].map((second) => first + second));

const expressions = [
  ...SECRET_NAMES.flatMap(({ name, except, noSecret }) => [name, ...(except === undefined ? [] : [except]), noSecret]),
  ...SECRET_FLAGS.flatMap(({ flag, noSecret }) => [flag, noSecret]),
];

test.each(expressions)(
  "%s is matched in linear time",
  (expression) => {
    for (const unit of UNITS) {
      expectLinear((size) => {
        const text = `${unit.repeat(Math.ceil(size / unit.length))}\u0000`;
        return () => new RegExp(expression).exec(text);
      }, 12_500);
    }
  },
  600_000,
);

test("a command line with many flags is checked in linear time, with a finding for each flag", () => {
  expectLinear((size) => {
    const args = Array.from({ length: size }, () => "--password=hunter2");
    const pod = workload("Pod", podSpec({ containers: [container({ args })] }));
    return () => expect(noPlainSecrets.check(pod, { today: "2026-11-24" })).toHaveLength(size);
  }, 5_000);
});

test("every expression is within the API server's cost limit for the largest ConfigMap", () => {
  // PerCallLimit of k8s.io/apiserver/pkg/cel. The cost that cel-go estimates for `matches` is a tenth of the text's length times
  // a quarter of the expression's length, and for `contains` a tenth of both lengths.
  const perCall = 1_000_000;
  const cost = ({ expression = "", hints }: SecretForm): number =>
    Math.ceil(2 ** 20 / 10) *
    (Math.ceil(expression.length / 4) + hints.reduce((sum, hint) => sum + Math.ceil(hint.length / 10), 0));
  expect(SECRET_FORMS.filter((form) => cost(form) > perCall)).toEqual([]);
});
