import type { V1Node, V1Pod } from "@kubernetes/client-node";
import fc from "fast-check";

import { matchesNodeAffinity } from "../../fleet/kubernetes/node-affinity";
import { fitsNode, type NodeFacts } from "../../fleet/kubernetes/node-fit";
import { parseQuantity } from "../../fleet/kubernetes/quantity";
import { fitsCapacity, podRequests } from "../../fleet/kubernetes/requests";
import { matchesSelector } from "../../fleet/kubernetes/selectors";
import { findRepellingTaints } from "../../fleet/kubernetes/tolerations";
import { labels, node, pod, quantity, selector } from "./support/arbitrary-scheduling";
import { type Fit, SchedulingOracle } from "./support/scheduling-oracle";

/** Cases of each property. A failure prints the seed and the smallest case. */
const CASES = { numRuns: 3000 };

/** Fails unless both answers are frequent, so that an agreement means something. */
function expectBothAnswers(answers: readonly boolean[]): void {
  const share = answers.filter(Boolean).length / answers.length;
  expect(share).toBeGreaterThan(0.02);
  expect(share).toBeLessThan(0.98);
}

let kubernetes: SchedulingOracle;
beforeAll(() => {
  kubernetes = new SchedulingOracle();
});
afterAll(() => kubernetes.stop());

/** An answer with cores instead of millicores: those of billions of cores cannot be converted back exactly. */
const inCores = ({ milliCPU, ...fit }: Fit) => ({ ...fit, cpuCores: milliCPU / 1000 });

/** What fleet/kubernetes says about a pod and an empty node. */
function fit({ spec }: V1Pod, { metadata, spec: nodeSpec, status }: V1Node): ReturnType<typeof inCores> {
  const facts: NodeFacts = {
    name: metadata!.name!,
    labels: metadata!.labels!,
    taints: nodeSpec!.taints!,
    unschedulable: nodeSpec!.unschedulable!,
  };
  const requests = podRequests(spec!);
  // Capacities are rounded as requests are.
  const capacity = podRequests({ containers: [{ name: "all", resources: { requests: status!.allocatable! } }] });
  const repelling = findRepellingTaints(facts.taints, spec!.tolerations);
  return {
    affinity: matchesNodeAffinity(spec!, facts),
    repelling: facts.taints.flatMap((taint, index) => (repelling.includes(taint) ? [index] : [])),
    placed: fitsNode(spec!, facts),
    cpuCores: requests.cpuCores,
    memory: Math.round(requests.memoryMiB * 2 ** 20),
    room: fitsCapacity(requests, capacity),
  };
}

describe("fleet/kubernetes agrees with Kubernetes on", () => {
  // The first answer waits for the compiler.
  const COMPILATION = 15 * 60_000;

  test(
    "pods and nodes",
    async () => {
      const answers: Fit[] = [];
      const property = fc.asyncProperty(pod, node, async (aPod, aNode) => {
        const answer = await kubernetes.fit(aPod, aNode);
        answers.push(answer);
        expect(fit(aPod, aNode)).toEqual(inCores(answer));
      });
      await fc.assert(property, CASES);
      expectBothAnswers(answers.map(({ affinity }) => affinity));
      expectBothAnswers(answers.map(({ placed }) => placed));
      expectBothAnswers(answers.map(({ room }) => room));
    },
    COMPILATION,
  );

  test(
    "label selectors",
    async () => {
      const answers: boolean[] = [];
      const property = fc.asyncProperty(selector, labels, async (aSelector, set) => {
        const answer = await kubernetes.matchesSelector(aSelector, set);
        answers.push(answer);
        expect(matchesSelector(aSelector, set)).toBe(answer);
      });
      await fc.assert(property, CASES);
      expectBothAnswers(answers);
    },
    COMPILATION,
  );

  test(
    "quantities",
    async () => {
      const answers: (bigint | undefined)[] = [];
      const property = fc.asyncProperty(quantity, async (text) => {
        const answer = await kubernetes.parseQuantity(text);
        answers.push(answer);
        expect(parseQuantity(text)).toBe(answer);
      });
      await fc.assert(property, CASES);
      expectBothAnswers(answers.map((answer) => answer !== undefined));
    },
    COMPILATION,
  );
});
