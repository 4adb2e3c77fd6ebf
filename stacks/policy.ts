import { definePolicy } from "../policies/engine/policy";

/** The policy of the fleets in this folder: severities by environment, in addition to Skerry's rules. */
export const policy = definePolicy({
  severities: {
    // The lab deliberately spreads clusters over many regions, and its agents start without a server.
    local: { "agents-at-home": "info" },
  },
});

export default policy;
