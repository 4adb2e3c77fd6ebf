import fc from "fast-check";
import { BUILT_IN_NAMESPACES, objectId } from "../../fleet/kubernetes/object";
import { mqttSecrets } from "../../charts/mqtt/secrets";
import { renderFleet } from "../../charts/render";
import { smallFleet } from "../fixtures/small-fleet";
import { LOST_NODE, arbitraryFleet } from "./support/arbitrary-fleet";
import { podOwners } from "./support/rendered";

/** Namespaces of Skerry's own programs. */
const SYSTEM = ["skerry-system", "skerry-node-agent"];

/** Checks every cluster of 60 generated fleets, which cover each pair of features several times. */
const checkClusters = (check: (...args: [ReturnType<typeof renderFleet>[number], typeof smallFleet]) => void) =>
  fc.assert(
    fc.property(arbitraryFleet, (fleet) => renderFleet(fleet).forEach((cluster) => check(cluster, fleet))),
    { numRuns: 60, examples: [[smallFleet]] },
  );

describe("for any fleet", () => {
  it("equal fleets render to equal bytes", () => {
    fc.assert(
      fc.property(arbitraryFleet, (fleet) => {
        const copy = JSON.parse(JSON.stringify(fleet)) as typeof fleet;
        expect(JSON.stringify(renderFleet(copy))).toBe(JSON.stringify(renderFleet(fleet)));
      }),
      { numRuns: 30 },
    );
  });

  it("objects are plain JSON with unique names", () =>
    checkClusters(({ objects, definitions }) => {
      const all = [...definitions, ...objects];
      expect(JSON.parse(JSON.stringify(all))).toStrictEqual(all);
      const ids = all.map(objectId);
      expect(new Set(ids).size).toBe(ids.length);
    }));

  it("definitions are separate from other objects", () =>
    checkClusters(({ objects, definitions }) => {
      expect(definitions.map(objectId)).toEqual([
        "CustomResourceDefinition fleetnodepools.skerry.dev",
        "CustomResourceDefinition nodeprofiles.skerry.dev",
      ]);
      expect(objects.filter(({ kind }) => kind === "CustomResourceDefinition")).toEqual([]);
    }));

  it("objects come after those that they refer to", () =>
    checkClusters(({ objects, cluster }, fleet) => {
      const secrets = mqttSecrets(fleet.clusters.find(({ name }) => name === cluster)!);
      const seen = new Set(BUILT_IN_NAMESPACES.map((name) => `Namespace ${name}`));
      secrets.forEach(({ namespace, name }) => seen.add(`Secret ${namespace}/${name}`));
      for (const object of objects) {
        const { namespace } = object.metadata;
        if (namespace !== undefined) expect(seen).toContain(`Namespace ${namespace}`);
        const owner = podOwners({ cluster, definitions: [], plans: [], objects: [object], origins: new Map() })[0];
        if (owner !== undefined) {
          const { volumes = [], serviceAccountName } = owner.spec.template.spec;
          if (serviceAccountName !== undefined)
            expect(seen).toContain(`ServiceAccount ${namespace}/${serviceAccountName}`);
          volumes.forEach(({ configMap, secret }) => {
            if (configMap) expect(seen).toContain(`ConfigMap ${namespace}/${configMap.name}`);
            if (secret) expect(seen).toContain(`Secret ${namespace}/${secret.secretName}`);
          });
        }
        seen.add(objectId(object));
      }
    }));

  it("every selector matches only its own pods", () =>
    checkClusters((cluster) => {
      const owners = podOwners(cluster);
      const matches = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>) =>
        Object.entries(selector).every(([key, value]) => labels[key] === value);
      const found = (namespace: string | undefined, selector: Readonly<Record<string, string>>) =>
        owners
          .filter((owner) => owner.metadata.namespace === namespace)
          .filter((owner) => matches(selector, owner.spec.template.metadata.labels))
          .map(objectId);
      owners.forEach((owner) =>
        expect(found(owner.metadata.namespace, owner.spec.selector.matchLabels)).toEqual([objectId(owner)]),
      );
      const others = cluster.objects as unknown as {
        kind: string;
        metadata: { name: string; namespace: string };
        spec: {
          selector: Record<string, string> & { matchLabels: Record<string, string> };
          podSelector: { matchLabels?: Record<string, string> };
        };
      }[];
      others.forEach(({ kind, metadata: { name, namespace }, spec }) => {
        const selector =
          kind === "Service"
            ? spec.selector
            : kind === "PodDisruptionBudget"
              ? spec.selector.matchLabels
              : kind === "NetworkPolicy"
                ? spec.podSelector.matchLabels
                : undefined;
        // The policies of kube-system select K3s' own pods.
        if (selector === undefined || namespace === "kube-system") return;
        // A workload has one network policy, but one Deployment per region.
        const several = kind === "NetworkPolicy" && selector["app.kubernetes.io/component"] === "workload";
        const own = several
          ? owners.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === name).map(objectId)
          : [expect.stringMatching(`/${name}$`)];
        expect(own).not.toEqual([]);
        expect(found(namespace, selector)).toEqual(own);
      });
    }));

  it("tolerations come from the fleet, except that brokers tolerate unreachable nodes", () =>
    checkClusters((cluster, fleet) => {
      const pools = fleet.clusters.find(({ name }) => name === cluster.cluster)!.nodePools;
      const declared = [
        ...pools.flatMap(({ taints }) => taints),
        ...Object.values(fleet.workloads).flatMap((w) => w.tolerations),
      ];
      podOwners(cluster)
        .filter(({ metadata }) => !SYSTEM.includes(metadata.namespace!))
        .forEach((owner) =>
          (owner.spec.template.spec.tolerations ?? []).forEach(({ key, operator, value, effect }) => {
            if (owner.kind === "StatefulSet" && LOST_NODE.includes(key)) return;
            expect(operator).toBe("Equal");
            expect(declared).toContainEqual({ key, value, effect });
          }),
        );
    }));

  it("every pod meets the restricted security level and has probes, requests and a memory limit", () =>
    checkClusters((cluster) =>
      podOwners(cluster).forEach(({ spec }) => {
        const pod = spec.template.spec;
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
        expect(pod.containers).toHaveLength(1);
        const { image, securityContext, resources, livenessProbe, readinessProbe } = pod.containers[0]!;
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(Object.keys(resources.requests).sort()).toEqual(["cpu", "memory"]);
        expect(resources.limits.memory).toBe(resources.requests.memory);
        expect(livenessProbe).toBeDefined();
        expect(readinessProbe).toBeDefined();
        expect(image).toMatch(/:[^:/]+$/);
        expect(image).not.toMatch(/:latest$/);
      }),
    ));

  it("only clients of the API get a token", () =>
    checkClusters((cluster) =>
      podOwners(cluster).forEach(({ metadata, spec }) =>
        expect(spec.template.spec.automountServiceAccountToken).toBe(SYSTEM.includes(metadata.namespace!)),
      ),
    ));
});

describe("the cost of rendering", () => {
  /** Returns a fleet of one cluster with a number of node pools and brokers. */
  const wide = (pools: number) => {
    const [cluster] = smallFleet.clusters;
    const [pool, broker] = [cluster!.nodePools[1]!, cluster!.brokers[0]!];
    const many = <T>(make: (i: number) => T) => Array.from({ length: pools }, (_, i) => make(i));
    return {
      ...smallFleet,
      clusters: [
        {
          ...cluster!,
          nodePools: many((i) => ({ ...pool, name: `pool-${i}` })),
          brokers: many((i) => ({ ...broker, name: `broker-${i}`, region: pool.region })),
        },
      ],
    };
  };
  const milliseconds = (pools: number) => {
    const fleet = wide(pools);
    const runs = [0, 1, 2].map(() => {
      const start = process.hrtime.bigint();
      renderFleet(fleet);
      return Number(process.hrtime.bigint() - start) / 1e6;
    });
    return Math.min(...runs);
  };

  it("grows linearly with the fleet", () => {
    milliseconds(20);
    // A fleet of eight times the size would take 64 times as long if the cost were quadratic.
    expect(milliseconds(400) / milliseconds(50)).toBeLessThan(24);
  });
});
