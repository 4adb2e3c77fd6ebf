import { definePolicy } from "../policies/engine/policy";

/**
 * Policy of the fleets in this folder: severities per environment and waivers, in addition to Skerry's built-in rules.
 */
export const policy = definePolicy({
  severities: {
    // The lab demonstrates clusters that span regions, and its agents start without their server. It has no buckets.
    local: { "agents-in-home-region": "info", "backups-off-node": "info" },
  },
});

export default policy;
