/** A text, a key or a regular expression as CEL writes it. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A list of texts as CEL writes it. */
export const quotedList = (texts: readonly string[]): string => `[${texts.map(quoted).join(", ")}]`;

/** True where each container keeps `expression`, which calls it `c`. */
export const everyContainer = (expression: string): string => `variables.containers.all(c, ${expression})`;

/** The same for all but ephemeral containers. */
export const everyStarted = (expression: string): string => `variables.started.all(c, ${expression})`;

/** True where the pod is for Windows, or where `expression` is. */
export const onLinux = (expression: string): string =>
  `variables.pod.?os.?name.orValue("") == "windows" || (${expression})`;
