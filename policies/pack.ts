/**
 * The policy pack, as Pulumi's engine starts it. The command says which policy holds, and where:
 * - `SKERRY_POLICY`: the module that exports the team's policy; unset: Skerry's own rules alone;
 * - `SKERRY_ENVIRONMENT`: whose severities hold; unset: those of every environment.
 */
import { createRequire } from "node:module";

import { PolicyPack } from "@pulumi/policy";

import { deserializeOnce, type Deserializing } from "./plan/deserialize-once";
import { planPolicies } from "./plan/policies";
import type { Policy } from "./engine/policy";
import { rules } from "./rules";

const load = createRequire(__filename);
const { SKERRY_POLICY: file, SKERRY_ENVIRONMENT: environment } = process.env;
const policy = file ? (load(file) as { readonly default: Policy }).default : {};

deserializeOnce(load("@pulumi/policy/deserialize") as Deserializing);

new PolicyPack("skerry", {
  policies: planPolicies(rules, {
    policy,
    today: new Date().toISOString().slice(0, 10),
    ...(environment && { environment }),
  }),
});
