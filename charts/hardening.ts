import type { k8s } from "cdk8s-plus-27";

/**
 * Returns the pod's security context for the `restricted` Pod Security Standard.
 *
 * @param user user and group of the containers, and the group that owns their volumes
 */
export function restrictedPod(user: number): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    // Changing the owner of every file on a large volume at each start would take minutes.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** The containers' security context for the `restricted` standard, with a read-only root file system. */
export const restrictedContainer: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** User ID for images that do not define a user, as in distroless images. */
export const NONROOT = 65532;
