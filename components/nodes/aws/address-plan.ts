import { type AddressBlock, parseAddressBlock } from "../../../fleet/address-block";

/** Subnets of one purpose. */
export type SubnetRole = "agents" | "servers" | "public";

/** The address ranges of a network: one range per purpose, divided into one subnet per zone. */
export interface AddressPlan {
  /** Range of each purpose, which contains the subnets. */
  readonly ranges: Readonly<Record<SubnetRole, string>>;
  /** Subnet of each purpose by position of the zone, from 0. */
  readonly subnets: Readonly<Record<SubnetRole, readonly string[]>>;
}

/** Zones that a network can have: its ranges are divided by this number, so that a zone can be added later. */
export const MAX_ZONES = 4;
/** Mask lengths of a network. AWS limits a VPC to 16 and a subnet to 28, which is a sixteenth of 24. */
export const NETWORK_MASKS = { min: 16, max: 24 } as const;
/** Addresses that AWS reserves in every subnet. */
const RESERVED_ADDRESSES = 5;
/** Addresses of a subnet for agents that are kept for load balancers, endpoints and an instance refresh. */
const SPARE_ADDRESSES = 8;

/** Formats the range that starts at an address. */
function formatRange(first: number, mask: number): string {
  const octets = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
  return `${octets.join(".")}/${mask}`;
}

function divide(first: number, mask: number): string[] {
  const bits = Math.log2(MAX_ZONES);
  return Array.from({ length: MAX_ZONES }, (_, zone) =>
    formatRange(first + zone * 2 ** (32 - mask - bits), mask + bits),
  );
}

/** Divides the range of a network: one half for agents, one quarter for servers, and one quarter for public subnets. */
export function planAddresses(network: AddressBlock): AddressPlan {
  const { first, size, mask } = network;
  const [agents, servers, open] = [first, first + size / 2, first + (3 * size) / 4];
  return {
    ranges: {
      agents: formatRange(agents, mask + 1),
      servers: formatRange(servers, mask + 2),
      public: formatRange(open, mask + 2),
    },
    subnets: {
      agents: divide(agents, mask + 1),
      servers: divide(servers, mask + 2),
      public: divide(open, mask + 2),
    },
  };
}

/** Returns the number of instances that fit into a subnet. */
export function capacityOf(subnet: string): number {
  return Math.max(0, (parseAddressBlock(subnet)?.size ?? 0) - RESERVED_ADDRESSES - SPARE_ADDRESSES);
}
