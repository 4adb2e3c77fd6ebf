import type * as devices from "../../../fleet/devices";

/** Architectures of EC2 instances. */
export type Architecture = Exclude<devices.Architecture, "arm">;

/** An instance type such as `m7g.large`: family, generation, attributes and size. */
const INSTANCE_TYPE = /^(?<family>[a-z]+)(?<generation>\d+)(?<attributes>[a-z-]*)\.(?<size>[a-z0-9-]+)$/;

/** Reports whether a device type is an EC2 instance type. */
export const isInstanceType = (device: string): boolean => INSTANCE_TYPE.test(device);

/**
 * Returns the architecture of an instance type. Types with the attribute `g` have Graviton processors. The preview compares
 * it with what AWS says.
 *
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function architectureOf(instanceType: string): Architecture {
  const { family, generation, attributes } = INSTANCE_TYPE.exec(instanceType)?.groups ?? {};
  const isFirstGraviton = family === "a" && generation === "1";
  return isFirstGraviton || attributes?.includes("g") ? "arm64" : "amd64";
}
