import { parse } from "yaml";

import { chartObjects } from "../../../charts/chart-objects";
import { sortForDelivery, stageOf } from "../../../charts/delivery-order";
import type { AwsMachinesArgs, AwsPoolOptions } from "../../../components/nodes/aws/arguments";
import { checkCluster } from "../../../components/nodes/aws/checks";
import { AwsMachines } from "../../../components/nodes/aws/machines";
import { programStatements } from "../../../components/nodes/aws/program-policies";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../../fleet/model";
import { common, privateArgs, smallCluster } from "./support/clusters";

interface HelmChart extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>> & { readonly chart: string; readonly valuesContent: string };
}

const argsWith = (changes: Partial<AwsMachinesArgs> = {}, pool: AwsPoolOptions = {}): AwsMachinesArgs => ({
  ...common,
  sites: {
    frankfurt: { region: "eu-central-1", cidr: "10.64.0.0/20" },
    london: { region: "eu-west-2", cidr: "10.65.0.0/20" },
  },
  pools: { "frankfurt/frankfurt-cloud": pool },
  ...changes,
});
const scaling: AwsPoolOptions = { max: 6, spotPercentage: 50 };
const objectsOf = (args: AwsMachinesArgs, cluster: ClusterSpec = smallCluster): KubeObject[] =>
  new AwsMachines(args).charts(cluster).flatMap(chartObjects);
const chartsOf = (objects: readonly KubeObject[]): HelmChart[] =>
  objects.filter(({ kind }) => kind === "HelmChart") as HelmChart[];
const namesOf = (objects: readonly KubeObject[]): string[] => chartsOf(objects).map(({ metadata }) => metadata.name!);
const valuesOf = (objects: readonly KubeObject[], name: string): any =>
  parse(chartsOf(objects).find(({ metadata }) => metadata.name === name)!.spec.valuesContent);

const ALL = [
  "aws-cloud-controller-manager",
  "aws-node-termination-handler",
  "aws-ebs-csi-driver",
  "cluster-autoscaler",
];

test("installs each program where it has a use, from a chart of a fixed version", () => {
  expect(namesOf(objectsOf(argsWith({}, scaling)))).toEqual(ALL);
  expect(namesOf(objectsOf(argsWith()))).toEqual(["aws-cloud-controller-manager", "aws-ebs-csi-driver"]);
  for (const { metadata, spec } of chartsOf(objectsOf(argsWith({}, scaling)))) {
    expect(metadata.namespace).toBe("kube-system");
    expect(spec).toMatchObject({ targetNamespace: "kube-system", bootstrap: true });
    expect(`${spec.chart} ${String(spec.version)}`).toMatch(
      /^(https:\S+-\d+\.\d+\.\d+\.tgz undefined|oci:\S+ \d+\.\d+\.\d+)$/,
    );
  }
});

test.each([
  ["cloudController", "aws-cloud-controller-manager"],
  ["terminationHandler", "aws-node-termination-handler"],
  ["ebsCsiDriver", "aws-ebs-csi-driver"],
  ["clusterAutoscaler", "cluster-autoscaler"],
] as const)("leaves out %s with its permissions and objects", (program, name) => {
  const args = argsWith({ programs: { [program]: false } }, scaling);
  const objects = objectsOf(args);
  expect(namesOf(objects)).toEqual(ALL.filter((each) => each !== name));
  const hasStorage = objects.some(({ kind }) => kind === "StorageClass" || kind.startsWith("MutatingAdmission"));
  expect(hasStorage).toBe(program !== "ebsCsiDriver");
  const before = programStatements(argsWith({}, scaling), smallCluster).map(({ Sid }) => Sid);
  const after = programStatements(args, smallCluster).map(({ Sid }) => Sid);
  expect(after.length < before.length).toBe(program !== "terminationHandler");
});

test("scales pools of the home region only", () => {
  const pool = { ...smallCluster.nodePools[0]!, name: "london-cloud", region: "london", zone: "eu-west-2a" };
  const cluster = { ...smallCluster, nodePools: [pool] };
  const args = argsWith({ pools: { "frankfurt/london-cloud": { max: 6 } } });
  expect(checkCluster(args, cluster)).toEqual([]);
  expect(namesOf(objectsOf(args, cluster))).not.toContain("cluster-autoscaler");
});

test("programs that need the role of their instance run on servers, in the network of the server", () => {
  const objects = objectsOf(argsWith({}, scaling));
  const onServers = {
    nodeSelector: { "node-role.kubernetes.io/control-plane": "true" },
    tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
  };
  expect(valuesOf(objects, "aws-cloud-controller-manager")).toMatchObject({ ...onServers, hostNetworking: true });
  expect(valuesOf(objects, "cluster-autoscaler")).toMatchObject({ ...onServers, hostNetwork: true });
  expect(valuesOf(objects, "aws-ebs-csi-driver")).toMatchObject({ controller: onServers, node: { hostNetwork: true } });
  // The chart of the EBS CSI driver has no value for it.
  expect(objects.find(({ kind }) => kind === "MutatingAdmissionPolicy")).toMatchObject({
    spec: {
      matchConstraints: { resourceRules: [{ resources: ["deployments"], resourceNames: ["ebs-csi-controller"] }] },
      mutations: [{ applyConfiguration: { expression: expect.stringContaining("hostNetwork: true") as unknown } }],
    },
  });
});

test("the cloud controller only deletes Nodes, under a lease of its own", () => {
  const { args, clusterRoleRules } = valuesOf(objectsOf(argsWith()), "aws-cloud-controller-manager");
  expect(args).toEqual(
    expect.arrayContaining([
      "--controllers=cloud-node-lifecycle-controller",
      "--leader-elect-resource-name=aws-cloud-controller-manager",
      "--cluster-name=test-test-frankfurt",
    ]),
  );
  const writes = (clusterRoleRules as { resources: string[]; verbs: string[] }[]).filter(({ verbs }) =>
    verbs.some((verb) => !["get", "list", "watch"].includes(verb)),
  );
  expect(writes.flatMap(({ resources }) => resources)).toEqual(["nodes", "events", "leases", "leases"]);
});

test("the termination handler tolerates the taints of agents, and not that of servers", () => {
  const taint = { key: "dedicated", value: "iot", effect: "NoSchedule" } as const;
  const pool = { ...smallCluster.nodePools[0]!, taints: [taint] };
  const cluster = { ...smallCluster, nodePools: [pool, { ...pool, name: "second" }] };
  const { tolerations } = valuesOf(objectsOf(argsWith({}, scaling), cluster), "aws-node-termination-handler");
  expect(tolerations).toEqual([{ ...taint, operator: "Equal" }]);
});

test("volumes are encrypted, and bound in a zone that the driver serves", () => {
  const objects = objectsOf(argsWith());
  const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
  expect(objects.find(({ kind }) => kind === "StorageClass")).toMatchObject({
    metadata: { name: "ebs-gp3" },
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
    volumeBindingMode: "WaitForFirstConsumer",
    allowedTopologies: [{ matchLabelExpressions: [{ key: "topology.kubernetes.io/zone", values: zones }] }],
  });
  const { node, controller } = valuesOf(objects, "aws-ebs-csi-driver");
  const [{ matchExpressions }] =
    node.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  expect(matchExpressions).toEqual([
    { key: "topology.kubernetes.io/zone", operator: "In", values: zones },
    { key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" },
  ]);
  expect(controller.replicaCount).toBe(2);
  const single = valuesOf(objectsOf(argsWith(), { ...smallCluster, servers: 1 }), "aws-ebs-csi-driver");
  expect(single.controller.replicaCount).toBe(1);
});

test("the driver may change only what has its tag, and the autoscaler only groups of its cluster", () => {
  const args = argsWith({}, scaling);
  const { extraVolumeTags } = valuesOf(objectsOf(args), "aws-ebs-csi-driver").controller as {
    extraVolumeTags: Record<string, string>;
  };
  const tag = { "skerry:ebs-csi": "test-test-frankfurt" };
  expect(extraVolumeTags).toMatchObject({ "skerry:cluster": "frankfurt", "skerry:environment": "test", ...tag });
  const cluster = {
    "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "true",
    "aws:ResourceTag/k8s.io/cluster-autoscaler/test-test-frankfurt": "owned",
  };
  const conditions: Record<string, object> = {
    CreateVolumes: { "aws:RequestTag/skerry:ebs-csi": tag["skerry:ebs-csi"] },
    TagNewVolumes: { "ec2:CreateAction": "CreateVolume" },
    ChangeVolumes: { "aws:ResourceTag/skerry:ebs-csi": tag["skerry:ebs-csi"] },
    AttachVolumes: { "aws:ResourceTag/skerry:ebs-csi": tag["skerry:ebs-csi"] },
    ScaleGroups: cluster,
  };
  for (const { Sid, Action, Resource, Condition } of programStatements(args, smallCluster)) {
    const reads = [Action].flat().every((action) => /:Describe/.test(action));
    const region = { "aws:RequestedRegion": "eu-central-1" };
    expect({ Sid, Condition }).toEqual({ Sid, Condition: { StringEquals: reads ? region : conditions[Sid] } });
    if (reads) continue;
    for (const arn of [Resource].flat()) expect(arn).toMatch(/^arn:aws:(ec2|autoscaling):eu-central-1:111122223333:/);
  }
});

test("objects that others depend on come before the charts", () => {
  const kinds = sortForDelivery(objectsOf(argsWith({ programs: { ebsCsiDriver: { values: { debugLogs: true } } } })));
  expect(kinds.map((object) => `${stageOf(object)} ${object.kind}`)).toEqual([
    "foundation StorageClass",
    "foundation MutatingAdmissionPolicy",
    "foundation MutatingAdmissionPolicyBinding",
    "workloads HelmChartConfig",
    "workloads HelmChart",
    "workloads HelmChart",
  ]);
});

test("a mirror replaces the source, and values are merged by Helm", () => {
  const source = { chart: `oci://registry.example.com/aws-ebs-csi-driver@sha256:${"a".repeat(64)}` };
  const objects = objectsOf(
    argsWith({ programs: { ebsCsiDriver: { source, values: { image: { repository: "r" } } } } }),
  );
  const chart = chartsOf(objects).find(({ metadata }) => metadata.name === "aws-ebs-csi-driver")!;
  expect(chart.spec).toMatchObject(source);
  expect(chart.spec).not.toHaveProperty("version");
  expect(objects.find(({ kind }) => kind === "HelmChartConfig")).toMatchObject({
    metadata: { name: "aws-ebs-csi-driver", namespace: "kube-system" },
    spec: { valuesContent: "image:\n  repository: r\n" },
  });
});

test("refuses charts from the internet in a network without internet, and a driver that Kubernetes is too old for", () => {
  const { programs: _, ...isolated } = privateArgs;
  expect(checkCluster(isolated, smallCluster)).toEqual([
    {
      path: "homeRegion",
      message: expect.stringContaining("programs.cloudController, programs.ebsCsiDriver of AwsMachines"),
    },
  ]);
  const mirrored = { source: { chart: "oci://registry.example.com/c:1.0.0" }, values: { image: { repository: "r" } } };
  const programs = { cloudController: mirrored, ebsCsiDriver: false } as const;
  expect(checkCluster({ ...isolated, programs }, smallCluster)).toEqual([]);
  const old = { ...smallCluster, kubernetesVersion: "1.35.2" };
  expect(checkCluster(argsWith(), old)).toEqual([
    { path: "kubernetesVersion", message: expect.stringMatching(/^must be 1\.36 or later, got 1\.35\.2/) },
  ]);
  expect(checkCluster(argsWith({ programs: { ebsCsiDriver: false } }), old)).toEqual([]);
});
