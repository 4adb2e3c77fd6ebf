import { Construct } from "constructs";
import { Autonomous, HighlyAvailable, OnDevice, type PlacementProps, WithinRegion } from "skerry/placement";

/** Device that our models are built for. */
const DEVICE = "jetson-orin-nano";

/** What vision at one port is told. */
export interface VisionWorkloadProps extends PlacementProps {
  /** The port whose cameras it looks through. */
  readonly port: string;
  /** How many of the port's Jetsons it runs on, 2 or more. @default 2 */
  readonly replicas?: number;
}

/**
 * How we place everything that looks through cameras: at the port itself, on Jetsons, on more than one of them, and on
 * through a cut link.
 */
export class VisionWorkload extends Construct {
  constructor(scope: Construct, id: string, { workload, port, replicas = 2 }: VisionWorkloadProps) {
    super(scope, id);
    new WithinRegion(this, "at-port", { workload, region: port });
    new OnDevice(this, "on-jetsons", { workload, device: DEVICE });
    new HighlyAvailable(this, "on-several", { workload, replicas });
    new Autonomous(this, "through-cuts", { workload });
  }
}
