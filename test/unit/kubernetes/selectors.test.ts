import fc from "fast-check";

import { matchesSelector, Selectors } from "../../../fleet/kubernetes/selectors";

test("an empty selector matches everything", () => expect(matchesSelector({}, { app: "a" })).toBe(true));

test("selectors of pods have no Gt and Lt", () => {
  const selector = { matchExpressions: [{ key: "cores", operator: "Gt", values: ["4"] }] };
  expect(matchesSelector(selector, { cores: "8" })).toBe(false);
});

test("the index finds the selectors that match when each is tried", () => {
  const word = fc.constantFrom("a", "b", "c");
  const labels = fc.dictionary(word, word, { maxKeys: 3 });
  const expression = fc.record({
    key: word,
    operator: fc.constantFrom("In", "NotIn", "Exists", "DoesNotExist"),
    values: fc.array(word, { maxLength: 2 }),
  });
  const selector = fc.record(
    { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(fc.record({ selector, namespace: word }), { maxLength: 8 }),
      word,
      labels,
      (items, namespace, pod) => {
        const all = items.map((each, item) => ({ ...each, item }));
        const matching = all.filter((each) => each.namespace === namespace && matchesSelector(each.selector, pod));
        expect(new Selectors(all).matching(namespace, pod).sort()).toEqual(matching.map(({ item }) => item).sort());
      },
    ),
  );
});
