import { compilerComplaints, pageExamples } from "../support/examples";

const PAGE = "docs/aws.md";

test("the guide's examples compile", () => {
  const examples = pageExamples(PAGE).map((code, index) => [`${PAGE}-${index}`, code] as const);
  expect(examples.length).toBeGreaterThan(1);
  const wrong = 'import type { AwsProgram } from "skerry/aws";\nexport const programs: AwsProgram = {};';
  expect(compilerComplaints({ ...Object.fromEntries(examples), wrong })).toEqual([
    expect.stringMatching(/^wrong\.example\.ts:1: .*'AwsProgram'/s),
  ]);
}, 120_000);
