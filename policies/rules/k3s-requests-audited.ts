import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";
import { argumentsOf, readYamlFile } from "../k3s/rendered-machines";

/** Least values of the arguments that limit the log: days, files and MiB per file. */
const LEAST = { "audit-log-maxage": 30, "audit-log-maxbackup": 10, "audit-log-maxsize": 100 } as const;

/** Whether an audit policy records requests for Secrets, whatever else it leaves out. */
function recordsSecrets(policy: Record<string, unknown> | undefined): boolean {
  const rules = (policy?.rules ?? []) as { level?: string; resources?: { group?: string; resources?: string[] }[] }[];
  const first = rules.find(({ resources }) =>
    (resources ?? [{}]).some(
      ({ group = "", resources: names = ["secrets"] }) => group === "" && names.includes("secrets"),
    ),
  );
  return policy?.kind === "Policy" && first?.level !== undefined && first.level !== "None";
}

export const k3sRequestsAudited = machineRule({
  id: "k3s-requests-audited",
  title: "API servers log who did what",
  why: "After an intrusion, the audit log is the only record of which account read a Secret or started a pod.",
  severity: "error",
  remedy:
    "Set audit-log-path and audit-policy-file in kube-apiserver-arg, with a policy that logs requests for Secrets, and keep at least 30 days, 10 files and 100 MiB per file.",
  controls: ["CIS 1.2.16", "CIS 1.2.17", "CIS 1.2.18", "CIS 1.2.19", "CIS 3.2.1", "CIS 3.2.2"],
  requirements: [
    {
      setting: "audit",
      role: "server",
      check: (machine) => {
        const found = argumentsOf(machine, "kube-apiserver");
        const policy = found["audit-policy-file"];
        return [
          ...(found["audit-log-path"] ? [] : ["kube-apiserver-arg must have audit-log-path"]),
          ...(recordsSecrets(readYamlFile(machine, policy))
            ? []
            : [`audit-policy-file must be a file that logs requests for Secrets, got ${formatValue(policy)}`]),
          ...Object.entries(LEAST).flatMap(([name, least]) =>
            Number(found[name]) >= least ? [] : [`${name} must be at least ${least}, got ${formatValue(found[name])}`],
          ),
        ];
      },
    },
  ],
});
