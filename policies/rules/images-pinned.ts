import {
  IMAGE_WITH_DIGEST,
  IMAGE_WITH_TAG,
  isPinnedImage,
  PINNED_IMAGE_RULE,
  UNPINNED_TAG,
} from "../../fleet/reading/forms";
import { formatValue } from "../../fleet/problem";
import { everyContainer, quoted } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** The same in CEL, of an image that may be missing. */
const pinned = (image: string): string =>
  `${image}.matches(${quoted(IMAGE_WITH_DIGEST)}) || ` +
  `(${image}.matches(${quoted(IMAGE_WITH_TAG)}) && !${image}.endsWith(${quoted(UNPINNED_TAG)}))`;

export const imagesPinned: ObjectRule = {
  subject: "object",
  id: "images-pinned",
  title: "Every image of a container or a volume has a tag that is not latest, or a digest",
  why: "What an image without one means is decided anew on each node that pulls it: two pods of a deployment differ, and going back is impossible.",
  severity: "error",
  remedy: "Name a version as tag, as in registry.k8s.io/pause:3.10, or the digest after @sha256:.",
  check(object) {
    const pod = podOf(object);
    const images = [
      ...containersOf(object).map(({ value, path }) => ({ image: value.image, path: path("image") })),
      ...(pod?.value.volumes ?? []).flatMap(({ image }, index) =>
        image ? [{ image: image.reference, path: pod!.path("volumes", index, "image", "reference") }] : [],
      ),
    ];
    return images
      .filter(({ image }) => !isPinnedImage(image ?? ""))
      .map(({ image, path }) => ({ path, message: `${PINNED_IMAGE_RULE}, got ${formatValue(image)}` }));
  },
  admission: {
    validations: [
      {
        expression: everyContainer(pinned(`c.?image.orValue("")`)),
        message: "An image has neither a tag that is not latest nor a sha256 digest.",
      },
      {
        expression: `variables.pod.?volumes.orValue([]).all(v, !has(v.image) || ${pinned(`v.image.?reference.orValue("")`)})`,
        message: "A volume's image has neither a tag that is not latest nor a sha256 digest.",
      },
    ],
  },
};
