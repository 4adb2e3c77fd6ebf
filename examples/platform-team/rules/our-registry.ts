import { containersOf, type ObjectRule } from "skerry/policies";

/** Where images may come from: our own registry, and what the fleet itself runs. */
const SOURCES = ["ghcr.io/example/", "ghcr.io/skerry-dev/", "docker.io/library/eclipse-mosquitto:"];

/** Images that nobody here has scanned do not get onto a quay. */
export const ourRegistry: ObjectRule = {
  id: "our-registry",
  subject: "object",
  title: "Images come from registries that we scan",
  why: "An image from anywhere else was looked at by nobody, and may be gone when a node has to be born again.",
  severity: "error",
  remedy: "Mirror the image to ghcr.io/example and name it there.",
  check: (object) =>
    containersOf(object).flatMap(({ value: { image = "" }, path }) =>
      SOURCES.some((source) => image.startsWith(source))
        ? []
        : [{ path: path("image"), message: `got ${image}, allowed are images of ${SOURCES.join(", ")}` }],
    ),
  // The same for the API server, which then refuses what anybody applies.
  admission: {
    validations: [
      {
        expression: `variables.containers.all(c, ${JSON.stringify(SOURCES)}.exists(source, c.image.startsWith(source)))`,
        message: `allowed are images of ${SOURCES.join(", ")}`,
      },
    ],
  },
};
