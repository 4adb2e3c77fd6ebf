/** What the tests change about AWS. */
export const world: {
  /** Whether a zone offers an instance type. */
  offers: (instanceType: string, zone: string) => boolean;
  /** Images by id. */
  images: Readonly<Record<string, { readonly architecture: string; readonly rootDeviceName: string }>>;
} = { offers: () => true, images: {} };

const ZONES = ["a", "b", "c", "d"];

/** Answers a lookup. One that no test knows throws. */
export function callAws(
  token: string,
  inputs: Record<string, any>,
  region: string | undefined,
): Record<string, unknown> {
  if (region === undefined) throw new Error(`${token} has no explicit provider`);
  const filtered = (): string[] => inputs.filters[0].values as string[];
  switch (token) {
    case "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
      const pairs = filtered().flatMap((type) =>
        ZONES.map((letter) => ({ type, zone: `${region}${letter}` })).filter(({ zone }) => world.offers(type, zone)),
      );
      return { instanceTypes: pairs.map(({ type }) => type), locations: pairs.map(({ zone }) => zone) };
    }
    case "aws:ec2/getAmiIds:getAmiIds":
      return { ids: filtered().filter((id) => world.images[id]) };
    case "aws:ec2/getAmi:getAmi":
      return { ...world.images[filtered()[0]!] };
    case "aws:ssm/getParameter:getParameter":
      return { value: String(inputs.name).includes("arm64") ? "ami-0a0a0a0a0a0a0a0a0" : "ami-0b0b0b0b0b0b0b0b0" };
    default:
      throw new Error(`no mock for ${token}`);
  }
}
