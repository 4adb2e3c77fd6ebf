import { isDnsLabel } from "../fleet/forms";
import type { KubeObject } from "../fleet/kubernetes/object";

/** A form of names, and how it is told. */
interface NameForm {
  readonly form: (name: string) => boolean;
  readonly rule: string;
}

const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

const domain = (most: number): NameForm => ({
  form: (name) => name.length <= most && DOMAIN.test(name),
  rule: `allowed are 1 to ${most} of a-z, 0-9, - and ., beginning and ending with a letter or digit`,
});
const label: NameForm = { form: isDnsLabel, rule: "allowed are 1 to 63 of a-z, 0-9 and -, not at the ends" };
const service: NameForm = {
  form: (name) => isDnsLabel(name) && /^[a-z]/.test(name),
  rule: "allowed are 1 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -",
};
const segment: NameForm = {
  form: (name) => name !== "" && name !== "." && name !== ".." && !/[/%]/.test(name),
  rule: "allowed is a text without / and %, and neither . nor ..",
};

/** The rule of most kinds. */
const USUAL = domain(253);

/**
 * Kinds that have another, by their API group: pkg/apis/(group)/validation of Kubernetes 1.36. A Service's name may begin
 * with a digit from that version on; before, it must not.
 */
const OTHERS: Readonly<Record<string, Readonly<Record<string, NameForm>>>> = {
  "": { Namespace: label, Service: service },
  apps: { StatefulSet: label },
  // 11 characters are added for each run, and 63 is the most for a Job, whose name becomes a label.
  batch: { CronJob: domain(52), Job: domain(63) },
  "rbac.authorization.k8s.io": {
    Role: segment,
    ClusterRole: segment,
    RoleBinding: segment,
    ClusterRoleBinding: segment,
  },
};

/** How an object of this kind may be called. */
export function nameRuleOf({ apiVersion, kind }: KubeObject): NameForm {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
  return OTHERS[group]?.[kind] ?? USUAL;
}
