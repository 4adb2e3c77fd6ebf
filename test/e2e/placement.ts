import type { KubeConfig } from "@kubernetes/client-node";
import fc from "fast-check";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import { type Composition, compose, composition, onEveryKind, onSomeKinds } from "../unit/support/compositions";
import { KINDS } from "../unit/support/placed-workloads";
import { ApiServer, collection } from "./api-server";

/** Fixed seed, so that each run tests the same compositions. */
const SEED = 6;
const COMPOSITIONS = 300;
/** Dry runs that reject unknown fields. */
const QUERY = { dryRun: "All", fieldValidation: "Strict" };
/** Number of concurrent requests. */
const CONCURRENCY = 8;

/**
 * Checks that an API server accepts the output of placement constructs, alone on each kind and in random compositions.
 */
export function describePlacement(connect: () => KubeConfig, fleet: Fleet): void {
  let api: ApiServer;
  beforeAll(() => {
    api = new ApiServer(connect());
  });
  afterAll(() => api.close());

  /** Returns the errors of the API server for objects that it rejects, for example because of unknown fields. */
  async function refusals(rendered: readonly Rendered[]): Promise<string[]> {
    const left = [...rendered];
    const refused: string[] = [];
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        for (const object of next.objects) {
          const { status, body } = await api.send("POST", collection(object), object, QUERY);
          if (status !== 201) refused.push(`${next.name}: ${object.kind}: ${status} ${body.message}`);
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    return refused;
  }

  test("accepts each construct on each kind", async () => {
    const steps = [
      ...onEveryKind.map((step) => ({ step, kinds: KINDS })),
      ...onSomeKinds.map(({ kinds, ...step }) => ({ step, kinds })),
    ];
    const compositions = steps.flatMap(({ step, kinds }) =>
      kinds.map((kind): Composition => ({ kind, plus: false, placed: true, steps: [step] })),
    );
    const rendered = compositions.flatMap(renderedIn(fleet));
    expect(rendered).toHaveLength(compositions.length);
    expect(await refusals(rendered)).toEqual([]);
  });

  test("accepts random compositions that have no contradictions", async () => {
    const sampled = fc.sample(composition, { seed: SEED, numRuns: COMPOSITIONS });
    const rendered = sampled.flatMap(renderedIn(fleet));
    expect(rendered.length).toBeGreaterThan(100);
    expect(await refusals(rendered)).toEqual([]);
  });
}

interface Rendered {
  readonly name: string;
  readonly objects: readonly KubeObject[];
}

/** Renders a composition on an object. Returns an empty list if it contradicts itself. */
const renderedIn =
  (fleet: Fleet) =>
  (each: Composition): Rendered[] => {
    const outcome = compose({ ...each, plus: false }, fleet);
    const name = `${each.steps.map(({ construct }) => construct).join(", ")} on ${each.kind}`;
    return "objects" in outcome ? [{ name, objects: outcome.objects }] : [];
  };
