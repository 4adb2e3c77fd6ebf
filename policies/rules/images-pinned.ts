import {
  IMAGE_WITH_DIGEST,
  IMAGE_WITH_TAG,
  isPinnedImage,
  PINNED_IMAGE_RULE,
  UNPINNED_TAG,
} from "../../fleet/reading/forms";
import { shown } from "../../fleet/problem";
import { everyContainer, quoted } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/** `isPinnedImage` in CEL. `image` is an expression for a string that may be empty. */
const isPinnedCel = (image: string): string =>
  `${image}.matches(${quoted(IMAGE_WITH_DIGEST)}) || ` +
  `(${image}.matches(${quoted(IMAGE_WITH_TAG)}) && !${image}.endsWith(${quoted(UNPINNED_TAG)}))`;

export const imagesPinned: ObjectRule = {
  subject: "object",
  id: "images-pinned",
  title: "Container and volume images have a version tag or a digest",
  why: "A node resolves an image without a version each time it pulls the image. Two pods of a Deployment can then run different images, and a rollback has nothing to return to.",
  severity: "error",
  remedy: "Use a version tag, for example registry.k8s.io/pause:3.10, or a digest after @sha256:.",
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
      .map(({ image, path }) => ({ path, message: `got ${shown(image)}, ${PINNED_IMAGE_RULE}` }));
  },
  admission: {
    validations: [
      {
        expression: everyContainer(isPinnedCel(`c.?image.orValue("")`)),
        message: "image must have a tag other than latest, or a sha256 digest, in every container.",
      },
      {
        expression: `variables.pod.?volumes.orValue([]).all(v, !has(v.image) || ${isPinnedCel(`v.image.?reference.orValue("")`)})`,
        message: "image.reference must have a tag other than latest, or a sha256 digest, in every image volume.",
      },
    ],
  },
};
