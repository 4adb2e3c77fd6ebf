import type { KubeObject } from "../../../../fleet/kubernetes/object";
import { cases } from ".";
import { MUTANTS } from "./mutations";

/** Every example and every mutant: what the API server's verdict is compared over. */
export const corpus: readonly { readonly title: string; readonly object: KubeObject }[] = [
  ...Object.entries(cases).flatMap(([rule, { kept, broken }]) => [
    ...kept.map((object, index) => ({ title: `${rule}: kept ${index}`, object })),
    ...broken.map(({ object }, index) => ({ title: `${rule}: broken ${index}`, object })),
  ]),
  ...MUTANTS,
];
