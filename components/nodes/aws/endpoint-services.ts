/** AWS services that nodes call, and why. */
export const interfaceEndpoints: Readonly<Record<string, string>> = {
  ssm: "Parameter Store and Session Manager",
  ssmmessages: "Session Manager",
  ec2messages: "Session Manager",
  ec2: "EBS volumes and instances",
  autoscaling: "cluster autoscaler",
  "ecr.api": "container images",
  "ecr.dkr": "container images",
};
