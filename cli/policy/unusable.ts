/** Input that could not be read or used; each line is one thing that is wrong with it. */
export class Unusable extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}
