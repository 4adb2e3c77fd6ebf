import { isIPv4 } from "node:net";

import { isDnsLabel } from "../../fleet/reading/forms";
import { apiGroupOf, type KubeObject } from "../../fleet/kubernetes/object";

/** A form of names, and its rule for messages. */
interface NameForm {
  readonly form: (name: string) => boolean;
  readonly rule: string;
}

const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

const domain = (most: number): NameForm => ({
  form: (name) => name.length <= most && DOMAIN.test(name),
  rule: `must be 1 to ${most} of a-z, 0-9, - and ., starting and ending with a letter or digit`,
});
const label: NameForm = {
  form: isDnsLabel,
  rule: "must be 1 to 63 of a-z, 0-9 and -, starting and ending with a letter or digit",
};
const service: NameForm = {
  form: (name) => isDnsLabel(name) && /^[a-z]/.test(name),
  rule: "must be 1 to 63 of a-z, 0-9 and -, starting with a letter and ending with a letter or digit",
};
const segment: NameForm = {
  form: (name) => name !== "" && name !== "." && name !== ".." && !/[/%]/.test(name),
  rule: "must not contain / or %, and must not be . or ..",
};
const address: NameForm = {
  form: isCanonicalAddress,
  rule: "must be an IP address in its canonical form, such as 10.0.0.7 or 2001:db8::7",
};
const mapKey: NameForm = {
  form: (name) => /^[-._a-zA-Z0-9]{1,253}$/.test(name) && name !== "." && !name.startsWith(".."),
  rule: "must be 1 to 253 letters, digits, -, _ and ., must not be . and must not start with ..",
};

/** Lower case, without leading zeros, its longest run of zeros shortened (RFC 5952), and no IPv4 address inside. */
function isCanonicalAddress(text: string): boolean {
  if (isIPv4(text)) return true;
  if (!/^[0-9a-f:]+$/.test(text) || !URL.canParse(`http://[${text}]`)) return false;
  return new URL(`http://[${text}]`).hostname === `[${text}]` && !text.startsWith("::ffff:");
}

/** The form of most kinds' names. */
const USUAL = domain(253);

/** The name of a trust bundle begins with that of its signer, with a colon for each slash. */
function trustBundle({ spec }: KubeObject): NameForm {
  const { signerName } = (spec ?? {}) as { readonly signerName?: unknown };
  if (typeof signerName !== "string" || signerName === "") return USUAL;
  const prefix = `${signerName.replaceAll("/", ":")}:`;
  return {
    form: (name) => name.startsWith(prefix) && USUAL.form(name.slice(prefix.length)),
    rule: `must be ${prefix} followed by 1 to 253 of a-z, 0-9, - and ., starting and ending with a letter or digit`,
  };
}

/** The minor version of Kubernetes 1 since which the name of a Service may begin with a digit. */
const SERVICE_LABEL_SINCE = 36;

type Rule = NameForm | ((object: KubeObject, minor: number) => NameForm);

/**
 * Kinds whose names have another form, by API group.
 *
 * @see pkg/apis/(group)/validation of Kubernetes 1.34 to 1.36
 */
const OTHERS: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  "": { Namespace: label, Service: (_object, minor) => (minor >= SERVICE_LABEL_SINCE ? label : service) },
  "apiregistration.k8s.io": { APIService: segment },
  apps: { StatefulSet: label },
  // A Job's name becomes a label, of at most 63 characters. A CronJob adds 11 characters for each run.
  batch: { CronJob: domain(52), Job: domain(63) },
  "certificates.k8s.io": { CertificateSigningRequest: segment, ClusterTrustBundle: trustBundle },
  "coordination.k8s.io": { LeaseCandidate: mapKey },
  "networking.k8s.io": { IPAddress: address },
  "rbac.authorization.k8s.io": {
    Role: segment,
    ClusterRole: segment,
    RoleBinding: segment,
    ClusterRoleBinding: segment,
  },
};

/**
 * Returns the form of the names of an object's kind.
 *
 * @param kubernetesVersion `major.minor.patch`
 */
export function nameRuleOf(object: KubeObject, kubernetesVersion: string): NameForm {
  const { apiVersion, kind } = object;
  const rule = OTHERS[apiGroupOf(apiVersion)]?.[kind] ?? USUAL;
  return typeof rule === "function" ? rule(object, Number(kubernetesVersion.split(".")[1])) : rule;
}
