import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { rules } from "../../policies/rules";
import { Checkout } from "./checkout";

/** Runs Pulumi with the policy pack on a preview of stack `local`. Nothing is created, so no lab is needed. */
const checkout = new Checkout();
const program = join(checkout.folder, "stacks", "index.ts");
const preview = () =>
  checkout.run("bin/pulumi", "preview", "-s", "local", "--policy-pack", "policies", "--non-interactive");

jest.setTimeout(300_000);

beforeAll(async () => {
  const { code, stderr } = await checkout.run("bin/pulumi", "stack", "init", "local");
  if (code !== 0) throw new Error(stderr);
});
afterAll(() => checkout.remove());

/** Objects that each violate one rule, by when Pulumi evaluates the rule. */
const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "before an object is made": {
    "images-pinned": 'deployment("unpinned", {}, { image: "nginx:latest" })',
    "no-privileged": 'deployment("privileged", {}, { securityContext: { ...hardened, privileged: true } })',
    "no-host-namespaces": 'deployment("host-network", { hostNetwork: true }, {})',
    "no-host-path": 'deployment("host-path", { volumes: [{ name: "all", hostPath: { path: "/" } }] }, {})',
    "no-plain-secrets": 'configMap("leak", { "key.pem": "-----BEGIN PRIVATE KEY-----" })',
  },
  "when all resources are registered": {
    "regions-exist": 'deployment("far", { schedulerName: "edge-scheduler" }, {}, { "required-region": "atlantis" })',
    "priority-classes-exist": 'deployment("urgent", { priorityClassName: "most-urgent" }, {})',
  },
};

const PLANT = `
import { KubernetesObject } from "../components/delivery/object";

const hardened = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
const deployment = (name: string, pod: object, container: object, labels: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "telemetry" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name, ...labels } },
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            name: "main",
            image: "registry.k8s.io/pause:3.10",
            resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "16Mi" } },
            livenessProbe: { tcpSocket: { port: 80 } },
            readinessProbe: { tcpSocket: { port: 80 } },
            securityContext: hardened,
            ...container,
          },
        ],
        ...pod,
      },
    },
  },
});
const configMap = (name: string, data: object) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "telemetry" },
  data,
});
`;

test("the fleet complies with every mandatory rule", async () => {
  const { code, stdout, stderr } = await preview();
  if (code !== 0) throw new Error(`preview ended with ${code}\n${stdout.slice(-5000)}\n${stderr}`);
  expect(stdout).toMatch(/skerry@v\d+\.\d+\.\d+/);
  expect(stdout).not.toContain("[mandatory]");
});

/** Adds objects to the last cluster of the program. */
function withPlanted(source: string, objects: readonly string[]): string {
  const resources = objects.map(
    (object, index) =>
      `new KubernetesObject("planted-${index}", ${object}, { provider: planted.provider, parent: fleet });`,
  );
  return [source, PLANT, "const planted = Object.values(fleet.clusters).at(-1)!;", ...resources].join("\n");
}

test.each(Object.entries(planted))(
  "each violation stops the preview with the finding and the remedy of its rule: evaluated %s",
  async (_when, violations) => {
    const source = readFileSync(program, "utf8");
    writeFileSync(program, withPlanted(source, Object.values(violations)));
    const { code, stdout } = await preview();
    writeFileSync(program, source);
    expect(code).not.toBe(0);
    for (const id of Object.keys(violations)) {
      const rule = rules.find((each) => each.id === id)!;
      expect(stdout).toMatch(new RegExp(`\\[mandatory\\] +\\[severity: high\\] +${id} `));
      expect(stdout).toContain(rule.remedy);
    }
  },
);
