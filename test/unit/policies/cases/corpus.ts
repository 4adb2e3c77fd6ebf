import type { KubeObject } from "../../../../fleet/kubernetes/object";
import { cases } from ".";
import { MUTANTS } from "./mutations";

/** All examples and mutants. The e2e tests compare the verdicts of the rules and the API server on them. */
export const corpus: readonly { readonly title: string; readonly object: KubeObject }[] = [
  ...Object.entries(cases).flatMap(([rule, { valid, invalid }]) => [
    ...valid.map((object, index) => ({ title: `${rule}: valid ${index}`, object })),
    ...invalid.map(({ object }, index) => ({ title: `${rule}: invalid ${index}`, object })),
  ]),
  ...MUTANTS,
];
