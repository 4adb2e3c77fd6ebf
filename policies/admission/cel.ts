/** Renders a string literal in CEL. */
export const quoted = (text: string): string => JSON.stringify(text);

/** Renders a list of string literals in CEL. */
export const quotedList = (texts: readonly string[]): string => `[${texts.map(quoted).join(", ")}]`;

/** Renders that `expression` holds for every container `c`. */
export const everyContainer = (expression: string): string => `variables.containers.all(c, ${expression})`;

/** Renders that `expression` holds for every container `c` that is not ephemeral. */
export const everyStarted = (expression: string): string => `variables.started.all(c, ${expression})`;

/** Renders that `expression` holds or that the pod is for Windows. */
export const onLinux = (expression: string): string =>
  `variables.pod.?os.?name.orValue("") == "windows" || (${expression})`;
