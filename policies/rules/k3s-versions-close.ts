import { compareK3sVersions, k3sVersionOf, minorPart, parseK3sVersion } from "../../fleet/k3s/version";
import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const k3sVersionsClose: FleetRule = {
  subject: "fleet",
  id: "k3s-versions-close",
  title: "Clusters are at most one minor version apart",
  why: "A cluster cannot skip a minor version of Kubernetes, so one that falls behind needs several upgrades in a row, and its version reaches the end of its support. What a canary shows is true only for clusters close to its version.",
  severity: "warning",
  remedy: "Upgrade the cluster, one minor version at a time.",
  check: ({ clusters }) => {
    const versions = clusters.map((cluster) => parseK3sVersion(k3sVersionOf(cluster)));
    const newest = versions.reduce((a, b) => (a && b ? (compareK3sVersions(a, b) < 0 ? b : a) : (a ?? b)), undefined);
    return clusters.flatMap((cluster, index) => {
      const version = versions[index];
      if (!newest || !version || (version.major === newest.major && newest.minor - version.minor <= 1)) return [];
      const field = cluster.k3s?.version ? ["k3s", "version"] : ["kubernetesVersion"];
      const message = `got ${k3sVersionOf(cluster)}, must be at most one minor version older than ${minorPart(newest)}, which another cluster runs`;
      return [{ path: formatPath(["clusters", index, ...field]), message }];
    });
  },
};
