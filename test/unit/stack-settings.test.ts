import fc from "fast-check";

import { checkSplit, checkStackSettings, type StackSettings } from "../../fleet/reading/stack-settings";

describe("the settings of a stack", () => {
  test("default to the whole environment of the stack's name", () => {
    expect(checkStackSettings("production", { "aws:region": "eu-central-1" })).toEqual({
      ok: true,
      settings: { environment: "production" },
    });
  });

  test("select an environment and some of its clusters", () => {
    const config = { "skerry:environment": "production", "skerry:clusters": ["tokyo"] };
    expect(checkStackSettings("asia", config)).toEqual({
      ok: true,
      settings: { environment: "production", clusters: ["tokyo"] },
    });
  });

  test("report all problems at once, each with its path", () => {
    const config = { "skerry:enviroment": "production", "skerry:clusters": ["tokyo", "To kyo", "tokyo", 7] };
    const result = checkStackSettings("asia", config);
    expect(result).toEqual({
      ok: false,
      problems: expect.arrayContaining([
        { path: "skerry:enviroment", message: 'unknown field: did you mean "environment"?' },
        { path: "skerry:clusters[1]", message: expect.stringMatching(/^must be .*, got "To kyo"$/) as string },
        { path: "skerry:clusters[2]", message: 'must be unique, got "tokyo" again' },
        { path: "skerry:clusters[3]", message: "must be a string, got 7" },
      ]) as object,
    });
    expect(result.ok || result.problems).toHaveLength(4);
  });

  test.each([
    ["an empty list", [], "skerry:clusters", "must not be empty"],
    ["a text", "tokyo", "skerry:clusters", 'must be a list, got "tokyo"'],
  ])("reject %s as clusters", (_, clusters, path, message) => {
    expect(checkStackSettings("asia", { "skerry:clusters": clusters })).toEqual({
      ok: false,
      problems: [{ path, message }],
    });
  });
});

describe("a split environment", () => {
  const split = (stacks: Record<string, readonly string[] | undefined>) =>
    Object.fromEntries(
      checkSplit(
        ["frankfurt", "tokyo", "dallas"],
        new Map(
          Object.entries(stacks).map(([stack, clusters]): [string, StackSettings] => [
            stack,
            { environment: "production", ...(clusters && { clusters }) },
          ]),
        ),
      ),
    );

  test("is valid if every cluster belongs to one stack", () => {
    expect(split({ europe: ["frankfurt"], rest: ["dallas", "tokyo"] })).toEqual({ europe: [], rest: [] });
    expect(split({ production: undefined })).toEqual({ production: [] });
  });

  test("names clusters of several stacks, of none, and unknown ones", () => {
    expect(split({ europe: ["frankfurt", "tokio"], rest: ["frankfurt"] })).toEqual({
      europe: [
        {
          path: "skerry:clusters[0]",
          message: 'cluster "frankfurt" also belongs to stack rest; must belong to one stack',
        },
        {
          path: "skerry:clusters[1]",
          message: 'unknown cluster "tokio": did you mean "tokyo"? (must be one of: dallas, frankfurt, tokyo)',
        },
        ...missing("europe, rest"),
      ],
      rest: [
        {
          path: "skerry:clusters[0]",
          message: 'cluster "frankfurt" also belongs to stack europe; must belong to one stack',
        },
        ...missing("europe, rest"),
      ],
    });
  });

  const missing = (stacks: string) =>
    ["tokyo", "dallas"].map((name) => ({
      path: "skerry:clusters",
      message: `cluster "${name}" belongs to no stack of the environment; add it to one of: ${stacks}`,
    }));

  test("is valid exactly if each cluster is handled by exactly one stack", () => {
    const names = ["a", "b", "c", "d"];
    const selections = fc.array(fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(selections, (stacks) => {
        const settings = stacks.map((clusters, index): [string, StackSettings] => [
          `stack-${index}`,
          { environment: "e", ...(clusters && { clusters }) },
        ]);
        const valid = [...checkSplit(names, new Map(settings)).values()].every((problems) => problems.length === 0);
        const handled = names.map((name) => stacks.filter((clusters) => (clusters ?? names).includes(name)).length);
        expect(valid).toBe(handled.every((count) => count === 1));
      }),
    );
  });
});
