import { ApiObject } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { CONTROL_PLANE, labels } from "../../fleet/labels";
import { onServers } from "./on-servers";
import type { AwsCluster } from "./programs";

/** Name of the class of volumes. */
export const STORAGE_CLASS = "ebs-gp3";

/** Name that the chart gives the Deployment of its controller. */
const CONTROLLER = "ebs-csi-controller";

/** Tag of what the driver may change: the volumes that it creates, and the instances to which it attaches them. */
export const driverTag = (id: string): Readonly<Record<string, string>> => ({ "skerry:ebs-csi": id });

/** The first minor version of Kubernetes 1 with `MutatingAdmissionPolicy` in version v1. */
export const EBS_SINCE_MINOR = 36;

/**
 * Returns the values of the EBS CSI driver. Its controller runs on servers, and its node plugin on agents in the region of the
 * servers: the controller manages volumes in one region.
 *
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/tree/master/charts/aws-ebs-csi-driver
 */
export const ebsCsiDriverValues = ({ id, awsRegion, zones, servers, volumeTags }: AwsCluster): object => ({
  controller: {
    ...onServers,
    region: awsRegion,
    // Two on a server would use the same port.
    replicaCount: Math.min(servers, 2),
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    // The role of servers may change no other volumes.
    extraVolumeTags: { ...volumeTags, ...driverTag(id) },
  },
  node: {
    // The plugin reads the id and the zone of its instance from the metadata service.
    hostNetwork: true,
    tolerateAllTaints: true,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: labels.topologyZone, operator: "In", values: zones },
                // Its port is that of the controller.
                { key: CONTROL_PLANE, operator: "DoesNotExist" },
              ],
            },
          ],
        },
      },
    },
  },
});

/**
 * Declares the class of encrypted gp3 volumes. A volume is created in the zone of the first pod that uses it, and such pods run
 * only in zones that the driver serves.
 */
export function declareStorageClass(scope: Construct, { zones }: AwsCluster): void {
  new k8s.KubeStorageClass(scope, "storage-class", {
    metadata: { name: STORAGE_CLASS },
    provisioner: "ebs.csi.aws.com",
    parameters: { type: "gp3", encrypted: "true" },
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
    allowedTopologies: [{ matchLabelExpressions: [{ key: labels.topologyZone, values: [...zones] }] }],
  });
}

/**
 * Puts the controller in the network of its server, where it can use the role of the instance. The chart has no value for it,
 * so the API server changes the Deployment whenever it is written.
 */
export function useHostNetwork(scope: Construct): void {
  const name = `skerry-${CONTROLLER}-host-network`;
  const apiVersion = "admissionregistration.k8s.io/v1";
  new ApiObject(scope, "host-network", {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
        resourceRules: [
          {
            apiGroups: ["apps"],
            apiVersions: ["v1"],
            operations: ["CREATE", "UPDATE"],
            resources: ["deployments"],
            resourceNames: [CONTROLLER],
          },
        ],
      },
      mutations: [
        {
          patchType: "ApplyConfiguration",
          applyConfiguration: {
            expression:
              "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{hostNetwork: true}}}}",
          },
        },
      ],
    },
  });
  new ApiObject(scope, "host-network-binding", {
    apiVersion,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name },
  });
}
