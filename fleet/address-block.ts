/** A range of IPv4 addresses. */
export interface AddressBlock {
  /** First address, as a number. */
  readonly first: number;
  /** Number of addresses. */
  readonly size: number;
  /** Prefix length. */
  readonly mask: number;
}

const MIN_MASK = 8;
/** K3s serves DNS at the tenth service address, which a smaller range does not contain. */
const MAX_MASK = 28;

/** Parses a range such as 10.42.0.0/16. Undefined if it is invalid, or if the address is not the first of the range. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a, b, c, d, mask] = match.slice(1).map(Number) as [number, number, number, number, number];
  if (Math.max(a, b, c, d) > 255 || mask < MIN_MASK || mask > MAX_MASK) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - mask);
  return first % size === 0 ? { first, size, mask } : undefined;
}

/** Reports whether two ranges share an address. */
export function overlaps(a: AddressBlock, b: AddressBlock): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}
