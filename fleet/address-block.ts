/** A range of IPv4 addresses. */
export interface AddressBlock {
  /** Its first address, as a number. */
  readonly first: number;
  /** How many addresses it has. */
  readonly size: number;
  /** Its prefix length. */
  readonly mask: number;
}

const SHORTEST_MASK = 8;
/** A cluster's DNS answers at the tenth service address: a smaller range does not hold it. */
const LONGEST_MASK = 28;

/** Reads a range like 10.42.0.0/16; undefined when it is none, or when its address is not the range's first. */
export function addressBlock(text: string): AddressBlock | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, mask] = match.slice(1).map(Number) as [number, number, number, number, number];
  if (Math.max(a, b, c, d) > 255 || mask < SHORTEST_MASK || mask > LONGEST_MASK) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - mask);
  return first % size === 0 ? { first, size, mask } : undefined;
}

/** Whether two ranges share an address. */
export function overlap(a: AddressBlock, b: AddressBlock): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}
