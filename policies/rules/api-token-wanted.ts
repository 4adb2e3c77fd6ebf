import { podOf } from "../pods";
import type { ObjectRule } from "../rule";

/** The service account of pods that name none. */
const NOBODY = "default";

export const apiTokenWanted: ObjectRule = {
  subject: "object",
  id: "api-token-wanted",
  title: "Only pods with a service account of their own get a token for the Kubernetes API",
  why: "Without a word every pod is given a token of its namespace's default account: whoever breaks into one may ask the API, and whatever that account is ever granted, all of them have.",
  severity: "warning",
  remedy: "Set automountServiceAccountToken: false, or name a service account made for this workload.",
  check(object) {
    const pod = podOf(object);
    if (!pod || pod.value.automountServiceAccountToken === false) return [];
    const account = pod.value.serviceAccountName || pod.value.serviceAccount || NOBODY;
    if (account !== NOBODY) return [];
    const message = "mounts the token of the default account, allowed are false and an account of its own";
    return [{ path: pod.path("automountServiceAccountToken"), message }];
  },
  admission: {
    validations: [
      {
        expression:
          "!variables.pod.?automountServiceAccountToken.orValue(true) || " +
          `!(variables.pod.?serviceAccountName.orValue("") in ["", "${NOBODY}"])`,
        message: "The pod mounts the token of its namespace's default service account.",
      },
    ],
  },
};
