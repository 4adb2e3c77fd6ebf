import type { k8s } from "cdk8s-plus-27";

/**
 * The pod half of the `restricted` pod security level.
 *
 * @param user user and group the containers run as, and the group that owns their volumes
 */
export function restrictedPod(user: number): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    // On a large volume, changing the owner of every file at each start would take minutes.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** The container half of the `restricted` level, with a root file system that can't be written. */
export const restrictedContainer: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** The user that images without a user of their own run as, by the custom of "distroless" images. */
export const NONROOT = 65532;
