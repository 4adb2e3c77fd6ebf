import type { Capacity } from "./model";

/** Architectures for which K3s is released, named as in its releases. */
export const ARCHITECTURES = ["amd64", "arm64", "arm"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** A device type: the hardware of a node. */
export interface Device {
  /** Product name. */
  readonly title: string;
  /** Architecture of the operating system that the device runs. */
  readonly architecture: Architecture;
  readonly capacity: Capacity;
  /** Source of the figures. */
  readonly source: string;
}

const PI_SSD = "Raspberry Pi SSD 256 GB, product brief 2024: 40,000 random-read IOPS";

/**
 * Device types by name. Memory is that of the hardware; less of it is allocatable to pods. IOPS are random reads of 4 KiB
 * as specified by the manufacturer of the disk. The speed of a core is present if a manufacturer compares it with that of
 * another device in the list.
 */
export const devices: Readonly<Record<string, Device>> = {
  "raspberry-pi-4": {
    title: "Raspberry Pi 4 Model B, 4 GB",
    architecture: "arm64",
    capacity: { cpuCores: 4, coreSpeed: 1, memoryMiB: 4096, disk: "sd", diskGiB: 32, iops: 3200, networkMbps: 1000 },
    source:
      "Raspberry Pi 4 Model B datasheet (4 × Cortex-A72, Gigabit Ethernet); " +
      "Raspberry Pi SD card, announcement of October 2024: 3,200 random-read IOPS in a Raspberry Pi 4",
  },
  "raspberry-pi-5": {
    title: "Raspberry Pi 5, 8 GB, with Raspberry Pi SSD 256 GB",
    architecture: "arm64",
    capacity: {
      cpuCores: 4,
      coreSpeed: 2.5,
      memoryMiB: 8192,
      disk: "nvme",
      diskGiB: 256,
      iops: 40000,
      networkMbps: 1000,
    },
    source: `Raspberry Pi 5 product brief (4 × Cortex-A76, Gigabit Ethernet; two to three times as fast as a Raspberry Pi 4); ${PI_SSD}`,
  },
  "jetson-orin-nano": {
    title: "NVIDIA Jetson Orin Nano 8 GB developer kit, with an NVMe disk",
    architecture: "arm64",
    capacity: { cpuCores: 6, memoryMiB: 8192, disk: "nvme", diskGiB: 256, iops: 40000, networkMbps: 1000 },
    source: `NVIDIA Jetson Orin Nano datasheet (6 × Cortex-A78AE, 8 GB LPDDR5, Gigabit Ethernet); with any NVMe disk; assumed: ${PI_SSD}`,
  },
  "iot-gateway-x86": {
    title: "x86 IoT gateway: Intel Atom x6413E, 8 GB, eMMC",
    architecture: "amd64",
    capacity: { cpuCores: 4, memoryMiB: 8192, disk: "emmc", diskGiB: 64, iops: 11000, networkMbps: 1000 },
    source:
      "Intel Atom x6413E specification (4 cores); Samsung eMMC 5.1, 64 GB, announcement of February 2015: up to 11,000 random-read IOPS; Gigabit Ethernet",
  },
  "t3.medium": {
    title: "AWS EC2 t3.medium with a gp3 volume",
    architecture: "amd64",
    capacity: { cpuCores: 2, memoryMiB: 4096, disk: "ssd", diskGiB: 40, iops: 3000, networkMbps: 5000 },
    source: "AWS EC2 instance types (T3: up to 5 Gbit/s); Amazon EBS gp3 baseline: 3,000 IOPS",
  },
  "t4g.medium": {
    title: "AWS EC2 t4g.medium (Graviton2) with a gp3 volume",
    architecture: "arm64",
    capacity: { cpuCores: 2, memoryMiB: 4096, disk: "ssd", diskGiB: 40, iops: 3000, networkMbps: 5000 },
    source: "AWS EC2 instance types (T4g: up to 5 Gbit/s); Amazon EBS gp3 baseline: 3,000 IOPS",
  },
  "m7g.large": {
    title: "AWS EC2 m7g.large (Graviton3) with a gp3 volume",
    architecture: "arm64",
    capacity: { cpuCores: 2, memoryMiB: 8192, disk: "ssd", diskGiB: 100, iops: 3000, networkMbps: 12500 },
    source: "AWS EC2 instance types (M7g: up to 12.5 Gbit/s); Amazon EBS gp3 baseline: 3,000 IOPS",
  },
  "m7g.xlarge": {
    title: "AWS EC2 m7g.xlarge (Graviton3) with a gp3 volume",
    architecture: "arm64",
    capacity: { cpuCores: 4, memoryMiB: 16384, disk: "ssd", diskGiB: 100, iops: 3000, networkMbps: 12500 },
    source: "AWS EC2 instance types (M7g: up to 12.5 Gbit/s); Amazon EBS gp3 baseline: 3,000 IOPS",
  },
  "m6i.large": {
    title: "AWS EC2 m6i.large with a gp3 volume",
    architecture: "amd64",
    capacity: { cpuCores: 2, memoryMiB: 8192, disk: "ssd", diskGiB: 100, iops: 3000, networkMbps: 12500 },
    source: "AWS EC2 instance types (M6i: up to 12.5 Gbit/s); Amazon EBS gp3 baseline: 3,000 IOPS",
  },
  "m6i.xlarge": {
    title: "AWS EC2 m6i.xlarge with a gp3 volume",
    architecture: "amd64",
    capacity: { cpuCores: 4, memoryMiB: 16384, disk: "ssd", diskGiB: 100, iops: 3000, networkMbps: 12500 },
    source: "AWS EC2 instance types (M6i: up to 12.5 Gbit/s); Amazon EBS gp3 baseline: 3,000 IOPS",
  },
};

/**
 * Returns the hardware of a device type.
 *
 * @throws Error if there is no such device type; the parser has checked the names in a fleet
 */
export function deviceCapacity(name: string): Capacity {
  const device = devices[name];
  if (!device) throw new Error(`unknown device ${name}`);
  return device.capacity;
}
