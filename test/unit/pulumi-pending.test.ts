import { withoutCompletedCreations } from "../../cli/pulumi/pending";

const resource = (urn: string) => ({ urn });
const operation = (type: string, urn: string) => ({ type, resource: resource(urn) });

test("a pending creation is forgotten once its resource exists; other pending operations stay", () => {
  const state = {
    manifest: "kept",
    resources: [resource("servers"), resource("objects")],
    pending_operations: [
      operation("creating", "servers"),
      operation("creating", "lost"),
      operation("deleting", "objects"),
    ],
  };
  expect(withoutCompletedCreations(state)).toEqual({
    ...state,
    pending_operations: [operation("creating", "lost"), operation("deleting", "objects")],
  });
});

test.each([
  ["no pending operations", { resources: [resource("servers")] }],
  ["an empty state", {}],
  ["only creations that were never made up for", { pending_operations: [operation("creating", "lost")] }],
])("a state with %s is left alone", (_what, state) => {
  expect(withoutCompletedCreations(state)).toBeUndefined();
});
