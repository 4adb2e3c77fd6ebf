import { definePolicy } from "../policies/engine/policy";

/** What holds for the fleets here, beside the rules that Skerry brings: severities by environment, and waivers that end. */
export const policy = definePolicy({
  severities: {
    // The lab shows one cluster over many regions on purpose; its machines start without their server.
    local: { "agents-in-home-region": "info" },
  },
});

export default policy;
