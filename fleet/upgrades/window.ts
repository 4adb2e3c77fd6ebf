import { DAYS, type MaintenanceWindow } from "../model";

/** One minute, in ms. */
const MINUTE_MS = 60_000;

interface LocalTime {
  readonly day: string;
  /** Time of day, such as `02:00`. */
  readonly time: string;
}

function localTime(at: number, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((each) => each.type === type)?.value ?? "";
  return { day: part("weekday").toLowerCase(), time: `${part("hour")}:${part("minute")}` };
}

/** Whether the upgrade of a node may start. Without a window, it always may. */
export function isOpen(window: MaintenanceWindow | undefined, at: number): boolean {
  if (!window) return true;
  const { day, time } = localTime(at, window.timeZone);
  return window.days.some((each) => each === day) && time >= window.start && time < window.end;
}

/** Formats a window: `saturday, sunday 02:00 to 05:00 Europe/Berlin`. */
export function describeWindow({ days, start, end, timeZone }: MaintenanceWindow): string {
  const ordered = DAYS.filter((day) => days.includes(day));
  return `${ordered.length === DAYS.length ? "daily" : ordered.join(", ")} ${start} to ${end} ${timeZone}`;
}

/** Returns the first minute from `at` on in which the window is open, within eight days; undefined if there is none. */
export function nextOpening(window: MaintenanceWindow, at: number): number | undefined {
  const first = Math.ceil(at / MINUTE_MS) * MINUTE_MS;
  for (let minute = 0; minute <= 8 * 24 * 60; minute += 1) {
    const candidate = first + minute * MINUTE_MS;
    if (isOpen(window, candidate)) return candidate;
  }
  return undefined;
}
