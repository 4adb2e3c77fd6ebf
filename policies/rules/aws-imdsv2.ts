import { formatValue } from "../../fleet/problem";
import { valueAt, violation } from "../cloud-values";
import type { ResourceRule } from "../engine/rule";

/** A pod is one hop further away than its node. */
const MOST_HOPS = 1;

export const awsImdsv2: ResourceRule = {
  subject: "resource",
  id: "aws-imdsv2",
  title: "The metadata of AWS machines is read with a token, and by the machine alone",
  why: "Without a token any request that a program can be made to send reads the machine's credentials and user data; over more than one hop any pod does.",
  severity: "error",
  remedy: 'State metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 }.',
  types: [
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
  ],
  check: (resource) => {
    const option = (name: string): unknown => valueAt(resource, "metadataOptions", name);
    if (option("httpEndpoint") === "disabled") return [];
    // A template may say it in the instance's place.
    if (valueAt(resource, "metadataOptions") === undefined && valueAt(resource, "launchTemplate") !== undefined)
      return [];
    const [tokens, hops] = [option("httpTokens"), option("httpPutResponseHopLimit")];
    return [
      ...(tokens === "required"
        ? []
        : [violation(["metadataOptions", "httpTokens"], `got ${formatValue(tokens)}, allowed is "required"`)]),
      ...(Number(hops ?? MOST_HOPS) > MOST_HOPS
        ? [
            violation(
              ["metadataOptions", "httpPutResponseHopLimit"],
              `got ${formatValue(hops)}, allowed is ${MOST_HOPS}`,
            ),
          ]
        : []),
    ];
  },
};
