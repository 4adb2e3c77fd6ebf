import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import { boundedName } from "./names";
import { instancesAssume, type PolicyDocument } from "./policies";
import type { ClusterScope } from "./scope";

/** Creates a role that only instances with its profile can assume. */
export function createInstanceRole(
  scope: ClusterScope,
  provider: aws.Provider,
  name: string,
  document: pulumi.Input<PolicyDocument>,
): aws.iam.InstanceProfile {
  const options = scope.options(provider);
  const bounded = boundedName(name, "role");
  const role = new aws.iam.Role(
    bounded,
    { assumeRolePolicy: JSON.stringify(instancesAssume), tags: scope.named(name) },
    options,
  );
  const policy = pulumi.output(document).apply((text) => JSON.stringify(text));
  new aws.iam.RolePolicy(bounded, { role: role.id, policy }, options);
  return new aws.iam.InstanceProfile(bounded, { role: role.name, tags: scope.named(name) }, options);
}
