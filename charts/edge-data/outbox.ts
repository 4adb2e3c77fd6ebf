import { Construct } from "constructs";

import { describeMisfit, neededGiB } from "../../fleet/edge-data/outbox-fit";
import { classBytes } from "../../fleet/edge-data/outbox-size";
import type { OutboxClass } from "../../fleet/model";
import { defaults } from "../../fleet/defaults";

/** Props of {@link Outbox}. */
export interface OutboxProps {
  /** Size in GiB of the disk of the device. */
  readonly diskGiB: number;
  /** The classes of messages. `maxMessageBytes` defaults to 65536. */
  readonly classes: readonly (Omit<OutboxClass, "maxMessageBytes"> & Partial<Pick<OutboxClass, "maxMessageBytes">>)[];
  /** Size in GiB of the volume. @default - what the classes need */
  readonly storageGiB?: number;
}

/** The limits of a class, in the form of the agent's configuration. */
export interface OutboxLimits {
  readonly name: string;
  readonly maxBytes: number;
  readonly maxMessageBytes: number;
  readonly whenFull: OutboxClass["whenFull"];
  readonly maxAge?: string;
}

/**
 * The outbox of an edge agent, sized from the rate and the size of its messages and the longest outage.
 *
 * Synthesis fails if the messages of the outage do not fit on the disk or in the volume:
 * `the messages need 13.1 GiB (telemetry: 30 days at 10 messages/s of 524 bytes), more than 8 GiB; at most 18.3 days fit`.
 *
 * @see docs/edge-data-fleet.md
 *
 * @example
 * const outbox = new Outbox(chart, "outbox", {
 *   diskGiB: 32,
 *   classes: [
 *     { name: "telemetry", messagesPerSecond: 10, messageBytes: 400, outageDays: 30, whenFull: "DropOldest" },
 *   ],
 * });
 */
export class Outbox extends Construct {
  /** The limits of each class. */
  readonly limits: readonly OutboxLimits[];
  /** Size of the volume in GiB. */
  readonly storageGiB: number;

  constructor(scope: Construct, id: string, { diskGiB, classes, storageGiB }: OutboxProps) {
    super(scope, id);
    const loads = classes.map((each) => ({ ...defaults.outboxClass, ...each }));
    this.limits = loads.map((each) => ({
      name: each.name,
      maxBytes: classBytes(each),
      maxMessageBytes: each.maxMessageBytes,
      whenFull: each.whenFull,
      ...(each.maxAgeDays !== undefined && { maxAge: `${Math.ceil(each.maxAgeDays * 24)}h` }),
    }));
    this.storageGiB = storageGiB ?? neededGiB(loads);
    const available = Math.min(diskGiB, storageGiB ?? diskGiB);
    this.node.addValidation({
      validate: () => {
        const misfit = describeMisfit(loads, available);
        const last = available < diskGiB ? "raise storageGiB" : "use a larger disk";
        const remedy = `shorten outageDays, lower the rate or the size of the messages, or ${last}`;
        return misfit ? [`${this.node.path}: classes: the messages ${misfit}: ${remedy}`] : [];
      },
    });
  }
}
