import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ClusterSpec } from "../../../fleet/model";
import { formatPath, type Problem } from "../../../fleet/problem";
import type { ConnectedCluster } from "../../clusters/connected-cluster";
import type { Manifest } from "../../delivery/object";
import { DynamicResource } from "../../dynamic";
import type { ClusterOwner } from "./cluster-owner";
import { findDifferences } from "./find-differences";
import { readKubeconfig, selectContext } from "./kubeconfig";
import { ClusterOwnership, ownStack } from "./ownership";
import { Review } from "./review";

/** The identity of a cluster in the state. */
class ClusterIdentity extends DynamicResource {
  declare readonly uid: pulumi.Output<string>;
  /** Identifies this stack as the owner of the cluster. */
  declare readonly owner: pulumi.Output<string>;

  constructor(
    name: string,
    args: {
      readonly cluster: string;
      readonly uid: pulumi.Input<string>;
      readonly recorded: pulumi.Input<ClusterOwner | undefined>;
    },
    opts: pulumi.CustomResourceOptions,
  ) {
    const props = { ...args, owner: undefined };
    super("existing:ClusterIdentity", "components/nodes/existing/identity-operations", name, props, opts);
  }
}

interface ExistingClusterArgs {
  readonly cluster: ClusterSpec;
  /** Path of the cluster in the fleet, for messages. */
  readonly path: string;
  readonly kubeconfig: pulumi.Output<string>;
  readonly review: Review;
}

/**
 * A cluster that Skerry did not create. Its nodes are never created or deleted. Objects are applied only after the cluster was
 * compared with the fleet.
 */
export class ExistingCluster extends pulumi.ComponentResource implements ConnectedCluster {
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: kubernetes.Provider;
  readonly nodePools: readonly pulumi.Resource[] = [];
  private readonly expected: Manifest[] = [];

  /** @hidden `ExistingClusters.connect` creates it. */
  constructor(name: string, args: ExistingClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:clusters:ExistingCluster", name, {}, opts);
    const { cluster, path, review } = args;
    const findings = args.kubeconfig.apply(async (kubeconfig) => {
      const found = await findDifferences(kubeconfig, cluster, path, this.expected);
      const warnings = found.differences.filter(({ severity }) => severity === "warning");
      for (const { path: at, message } of warnings) await pulumi.log.warn(`${at}: ${message}`, this);
      return found;
    });
    // The findings are derived from the kubeconfig, but are no secret.
    const found = pulumi.unsecret(findings);
    const identity = new ClusterIdentity(
      `${name}-identity`,
      { cluster: cluster.name, uid: found.uid, recorded: found.recorded },
      { parent: this },
    );
    review.add(findings, identity);
    this.kubeconfig = pulumi.secret(review.release(args.kubeconfig));
    const identities = review.identitiesFor(found);
    const isRecorded = pulumi
      .all([found, identity.owner])
      .apply(([{ uid, recorded }, id]) => uid === "" || (recorded?.id === id && recorded.stack === ownStack()));
    const ownership = new ClusterOwnership(
      `${name}-owner`,
      { cluster: cluster.name, owner: identity.owner, kubeconfig: this.kubeconfig, isRecorded },
      { parent: this, dependsOn: identities.apply((all) => [identity, ...all]) },
    );
    // The identifier keeps the objects when the address or the credentials of the cluster change.
    this.provider = new kubernetes.Provider(
      `${name}-api`,
      { kubeconfig: this.kubeconfig, clusterIdentifier: identity.uid },
      { parent: this, dependsOn: ownership },
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  /**
   * Adds objects that will be applied. Their names must not be taken.
   *
   * @param objects the objects of a delivery
   */
  expectObjects(objects: readonly Manifest[]): void {
    this.expected.push(...objects);
  }
}

/**
 * Connects to clusters that exist, whose kubeconfigs the fleet refers to.
 *
 * Before anything is applied, in previews too, every cluster is compared with what the fleet states about it. All errors are
 * reported at once, and none of the clusters is changed. Differences that Skerry resolves are logged as warnings. A cluster
 * that does not answer is logged too: it fails by itself, without keeping the others from being changed.
 */
export class ExistingClusters {
  private readonly review = new Review();

  /**
   * Returns what is wrong with the reference to a kubeconfig, with paths relative to the cluster. Connects to no cluster.
   */
  validate({ kubeconfig }: ClusterSpec): readonly Problem[] {
    if (!kubeconfig) {
      return [{ path: "kubeconfig", message: "missing required field: state the kubeconfig of the existing cluster" }];
    }
    const { path, secret, context } = kubeconfig;
    try {
      if (path !== undefined) readKubeconfig(path, context);
    } catch (problem) {
      return [{ path: "kubeconfig", message: (problem as Error).message }];
    }
    if (secret === undefined || new pulumi.Config().get(secret) !== undefined) return [];
    const remedy = `set it with "pulumi config set --secret ${secret} < <kubeconfig>"`;
    return [
      { path: "kubeconfig.secret", message: `the configuration of the stack has no value "${secret}": ${remedy}` },
    ];
  }

  /**
   * Connects to a cluster.
   *
   * @param cluster the cluster as the fleet describes it
   * @param path its path in the fleet, for messages
   */
  connect(
    name: string,
    cluster: ClusterSpec,
    opts: pulumi.ComponentResourceOptions = {},
    path: string = formatPath(["clusters", cluster.name]),
  ): ExistingCluster {
    const { path: file, secret, context } = cluster.kubeconfig ?? {};
    const kubeconfig =
      file === undefined
        ? new pulumi.Config().requireSecret(secret ?? "").apply((text) => selectContext(text, context))
        : pulumi.secret(readKubeconfig(file, context));
    return new ExistingCluster(name, { cluster, path, kubeconfig, review: this.review }, opts);
  }
}
