import { containersOf, type ObjectRule } from "skerry/policies";

/** Allowed sources of images: the team's registry, and the images of Skerry. */
const SOURCES = ["ghcr.io/example/", "ghcr.io/skerry-dev/", "docker.io/library/eclipse-mosquitto:"];

/** Requires images from registries that the team scans. */
export const ourRegistry: ObjectRule = {
  id: "our-registry",
  subject: "object",
  title: "Images come from registries that we scan",
  why: "Other images are not scanned for vulnerabilities, and may be unavailable when a node is replaced.",
  severity: "error",
  remedy: "Mirror the image to ghcr.io/example, and refer to it there.",
  check: (object) =>
    containersOf(object).flatMap(({ value: { image = "" }, path }) =>
      SOURCES.some((source) => image.startsWith(source))
        ? []
        : [{ path: path("image"), message: `must start with one of: ${SOURCES.join(", ")}; got ${image}` }],
    ),
  // The same rule in CEL, which the API server enforces.
  admission: {
    validations: [
      {
        expression: `variables.containers.all(c, ${JSON.stringify(SOURCES)}.exists(source, c.image.startsWith(source)))`,
        message: `must start with one of: ${SOURCES.join(", ")}`,
      },
    ],
  },
};
