import { definePolicy } from "../policies/policy";

/** What holds for the fleets here, beside the rules that Skerry brings: severities by environment, and waivers that end. */
export const policy = definePolicy({ severities: {}, waivers: [] });

export default policy;
