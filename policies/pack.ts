/**
 * The policy pack that Pulumi's engine starts. Environment variables select the policy:
 * - `SKERRY_POLICY`: path of the module that exports the team's policy. Default: no policy, only Skerry's own rules.
 * - `SKERRY_ENVIRONMENT`: the environment whose severities apply. Default: `default`.
 */
import { createRequire } from "node:module";

import { PolicyPack } from "@pulumi/policy";

import { deserializeOnce, type DeserializeModule } from "./plan/deserialize-once";
import { planPolicies } from "./plan/policies";
import type { Policy } from "./engine/policy";
import { rules } from "./rules";

const load = createRequire(__filename);
const { SKERRY_POLICY: file, SKERRY_ENVIRONMENT: environment } = process.env;
const policy = file ? (load(file) as { readonly default: Policy }).default : {};

deserializeOnce(load("@pulumi/policy/deserialize") as DeserializeModule);

new PolicyPack("skerry", {
  policies: planPolicies(rules, {
    policy,
    today: new Date().toISOString().slice(0, 10),
    ...(environment && { environment }),
  }),
});
