import { Construct } from "constructs";
import { Autonomous, HighlyAvailable, OnDevice, type PlacementProps, WithinRegion } from "skerry/placement";

/** The device that the models are built for. */
const DEVICE = "jetson-orin-nano";

export interface VisionWorkloadProps extends PlacementProps {
  /** The port whose cameras the workload uses. */
  readonly port: string;
  /** Number of replicas, at least 2. @default 2 */
  readonly replicas?: number;
}

/**
 * Places a workload that uses cameras: at their port, on several Jetsons, and also while the port is disconnected.
 */
export class VisionWorkload extends Construct {
  constructor(scope: Construct, id: string, { workload, port, replicas = 2 }: VisionWorkloadProps) {
    super(scope, id);
    new WithinRegion(this, "at-port", { workload, region: port });
    new OnDevice(this, "on-jetsons", { workload, device: DEVICE });
    new HighlyAvailable(this, "on-several", { workload, replicas });
    new Autonomous(this, "while-disconnected", { workload });
  }
}
