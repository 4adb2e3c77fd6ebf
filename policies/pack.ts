import { PolicyPack } from "@pulumi/policy";

import { planPolicies } from "./plan/policies";
import { rules } from "./rules";

new PolicyPack("skerry", { policies: planPolicies(rules) });
