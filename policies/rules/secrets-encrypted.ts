import { machineRule } from "../k3s/machine-rule";

export const secretsEncrypted = machineRule({
  id: "secrets-encrypted",
  title: "Clusters encrypt Secrets at rest",
  why: "Snapshots of the datastore are copied to other places. Without encryption, each of them contains every Secret in plain text.",
  severity: "error",
  remedy: 'Set "secrets-encryption": true in the K3s configuration of every server, from its first start.',
  controls: ["CIS 1.2.27", "CIS 1.2.28"],
  requirements: [
    {
      setting: "secrets-encryption",
      role: "server",
      check: ({ config }) => (config["secrets-encryption"] === true ? [] : ["secrets-encryption must be true"]),
    },
  ],
});
