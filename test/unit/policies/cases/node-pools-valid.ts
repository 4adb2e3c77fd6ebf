import shared from "../../../fixtures/node-pools.json";
import { configMap, type ObjectCases } from "./case";

interface Case {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly refused?: string;
}

const named = (name: string, spec: Case["spec"] = {}) => ({
  apiVersion: "skerry.dev/v1alpha1",
  kind: "FleetNodePool",
  metadata: { name },
  spec: { selector: { names: ["node-01"] }, ...spec },
});
const all: readonly Case[] = shared;

/** Converts a path of the shared table, which quotes keys as Go does, to the form of `pathText`. */
export const pathIn = (refused: string): string =>
  refused.replace(/^labels\[(.*)\]$/, (_, key: string) => `labels[${JSON.stringify(key)}]`);

export const nodePoolsValid: ObjectCases = {
  valid: [
    ...all.filter(({ refused }) => refused === undefined).map(({ spec }) => named("tokyo-gw", spec)),
    configMap({ labels: "x" }),
  ],
  invalid: [
    ...all.flatMap(({ spec, refused }) =>
      refused === undefined ? [] : [{ object: named("tokyo-gw", spec), paths: [`spec.${pathIn(refused)}`] }],
    ),
    { object: named("a".repeat(64)), paths: ["metadata.name"] },
  ],
};
