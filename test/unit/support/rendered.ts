import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { RenderedCluster } from "../../../charts/render";

type Labels = Readonly<Record<string, string>>;

export interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value?: string;
  readonly effect?: string;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDir?: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Pod {
  readonly schedulerName?: string;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken: boolean;
  readonly nodeSelector?: Labels;
  readonly affinity?: { readonly nodeAffinity?: Readonly<Record<string, unknown>> };
  readonly tolerations?: readonly Toleration[];
  readonly topologySpreadConstraints?: readonly object[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly secret?: { readonly secretName: string };
  }[];
}

/** The fields of a Deployment, StatefulSet or DaemonSet that tests read. */
export interface PodOwner extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
      readonly spec: Pod;
    };
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: {
        readonly storageClassName: string;
        readonly resources: { readonly requests: { readonly storage: string } };
      };
    }[];
  };
}

export function podOwners({ objects }: RenderedCluster): PodOwner[] {
  return objects.filter(({ kind }) =>
    ["Deployment", "StatefulSet", "DaemonSet"].includes(kind),
  ) as unknown as PodOwner[];
}

/** The one object of that kind and name. */
export function find<T extends KubeObject = KubeObject>(
  { objects }: Pick<RenderedCluster, "objects">,
  kind: string,
  name: string,
): T {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name}`);
  return found[0] as T;
}
