import { removeCompletedCreations } from "../../cli/pulumi/pending";

const resource = (urn: string) => ({ urn });
const operation = (type: string, urn: string) => ({ type, resource: resource(urn) });

test("removes pending creations of existing resources, and keeps other pending operations", () => {
  const state = {
    manifest: "kept",
    resources: [resource("servers"), resource("objects")],
    pending_operations: [
      operation("creating", "servers"),
      operation("creating", "lost"),
      operation("deleting", "objects"),
    ],
  };
  expect(removeCompletedCreations(state)).toEqual({
    ...state,
    pending_operations: [operation("creating", "lost"), operation("deleting", "objects")],
  });
});

test.each([
  ["no pending operations", { resources: [resource("servers")] }],
  ["an empty state", {}],
  ["only creations of missing resources", { pending_operations: [operation("creating", "lost")] }],
])("does not change a state with %s", (_what, state) => {
  expect(removeCompletedCreations(state)).toBeUndefined();
});
