import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { AwsMachinesArgs, MachineImage } from "./arguments";
import type { Architecture } from "./instance-type";

/**
 * Ubuntu 24.04, by the public parameters of Canonical.
 *
 * @see https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
 */
const UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current";

/** Returns the image of an architecture. */
export const imageOf = ({ images = {} }: Pick<AwsMachinesArgs, "images">, architecture: Architecture): MachineImage =>
  images[architecture] ?? { parameter: `${UBUNTU}/${architecture}/hvm/ebs-gp3/ami-id` };

/** Returns the id of an image in the region of a provider. */
export const imageId = (image: MachineImage, provider: aws.Provider): pulumi.Output<string> =>
  "id" in image ? pulumi.output(image.id) : aws.ssm.getParameterOutput({ name: image.parameter }, { provider }).value;
