import { shown } from "../../fleet/problem";
import { valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";

/** A pod is one hop further away than its node. */
const MAX_HOPS = 1;

export const awsImdsv2: ResourceRule = {
  subject: "resource",
  id: "aws-imdsv2",
  title: "AWS instances require IMDSv2 with a hop limit of 1",
  why: "Without a session token, any request that a program is tricked into sending can read the instance's credentials and user data. With more than one hop, every pod on the instance can read them.",
  severity: "error",
  remedy: 'Set metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 }.',
  types: [
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
  ],
  check: (resource) => {
    const option = (name: string): unknown => valueAt(resource, "metadataOptions", name);
    if (option("httpEndpoint") === "disabled") return [];
    // A launch template may set the options instead.
    if (valueAt(resource, "metadataOptions") === undefined && valueAt(resource, "launchTemplate") !== undefined)
      return [];
    const [tokens, hops] = [option("httpTokens"), option("httpPutResponseHopLimit")];
    return [
      ...(tokens === "required"
        ? []
        : [violation(["metadataOptions", "httpTokens"], `got ${shown(tokens)}, must be "required"`)]),
      ...(Number(hops ?? MAX_HOPS) > MAX_HOPS
        ? [violation(["metadataOptions", "httpPutResponseHopLimit"], `got ${shown(hops)}, must be at most ${MAX_HOPS}`)]
        : []),
    ];
  },
};
