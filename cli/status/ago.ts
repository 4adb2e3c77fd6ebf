const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** Formats `45 s`, `12 min` or `3 d`. */
export function formatSeconds(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** Formats a time in RFC 3339 as `45 s ago`, or `never`. */
export function formatAgo(time: string | undefined, now: Date): string {
  if (time === undefined) return "never";
  return `${formatSeconds(Math.max(0, (now.getTime() - Date.parse(time)) / 1000))} ago`;
}
