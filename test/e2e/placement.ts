import type { KubeConfig } from "@kubernetes/client-node";
import fc from "fast-check";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import { type Composition, compose, composition, onEveryKind, onSomeKinds } from "../unit/support/compositions";
import { KINDS } from "../unit/support/placed-workloads";
import { ApiServer, collection } from "./api-server";

/** The same compositions in each run. */
const SEED = 6;
const COMPOSITIONS = 300;
/** Nothing is created, and what the server does not know is no oversight. */
const QUERY = { dryRun: "All", fieldValidation: "Strict" };
/** Requests at a time. */
const AT_ONCE = 8;

/** Checks that an API server accepts rendered placements: each construct on each kind, and random compositions. */
export function describePlacement(connect: () => KubeConfig, fleet: Fleet): void {
  let api: ApiServer;
  beforeAll(() => {
    api = new ApiServer(connect());
  });
  afterAll(() => api.close());

  /** What the server says of objects that it would not create; a field that it does not know is one reason. */
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
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return refused;
  }

  test("each construct on each kind is accepted", async () => {
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

  test("random compositions contradict themselves, or are accepted", async () => {
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

/** What becomes of a composition on an object of our own; nothing where it contradicts itself. */
const renderedIn =
  (fleet: Fleet) =>
  (each: Composition): Rendered[] => {
    const outcome = compose({ ...each, plus: false }, fleet);
    const name = `${each.steps.map(({ construct }) => construct).join(", ")} on ${each.kind}`;
    return "objects" in outcome ? [{ name, objects: outcome.objects }] : [];
  };
