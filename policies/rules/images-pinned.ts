import { IMAGE_WITH_DIGEST, IMAGE_WITH_TAG, isPinnedImage, PINNED_IMAGE_RULE, UNPINNED_TAG } from "../../fleet/forms";
import { shown } from "../../fleet/problem";
import { everyContainer, quoted } from "../admission/cel";
import { containersOf } from "../pods";
import type { ObjectRule } from "../rule";

export const imagesPinned: ObjectRule = {
  subject: "object",
  id: "images-pinned",
  title: "Every image has a tag that is not latest, or a digest",
  why: "What an image without one means is decided anew on each node that pulls it: two pods of a deployment differ, and going back is impossible.",
  severity: "error",
  remedy: "Name a version as tag, as in registry.k8s.io/pause:3.10, or the digest after @sha256:.",
  check: (object) =>
    containersOf(object)
      .filter(({ value }) => !isPinnedImage(value.image ?? ""))
      .map(({ value, path }) => ({ path: path("image"), message: `got ${shown(value.image)}, ${PINNED_IMAGE_RULE}` })),
  admission: {
    validations: [
      {
        expression: everyContainer(
          `c.?image.orValue("").matches(${quoted(IMAGE_WITH_DIGEST)}) || ` +
            `(c.?image.orValue("").matches(${quoted(IMAGE_WITH_TAG)}) && !c.image.endsWith(${quoted(UNPINNED_TAG)}))`,
        ),
        message: "An image has neither a tag that is not latest nor a sha256 digest.",
      },
    ],
  },
};
