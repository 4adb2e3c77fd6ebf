/** A list price. */
interface Price {
  /** USD per hour, or per month. */
  readonly usd: number;
  readonly per: "hour" | "month";
  /** What one unit is. */
  readonly unit: string;
  readonly source: string;
}

/** Region of the prices. Most other regions cost more. */
export const PRICE_REGION = "us-east-1";
/** When the prices were published. AWS changes them without notice. */
export const PRICED_AT = "mid-2026";

/** Hours in a month, as in AWS' own estimates. */
export const HOURS_PER_MONTH = 730;

/** On-demand prices of Linux instances in USD per hour. */
export const instancePrices: Readonly<Record<string, number>> = {
  "m6i.large": 0.096,
  "m6i.xlarge": 0.192,
  "m7g.large": 0.0816,
  "m7g.xlarge": 0.1632,
  "t3.medium": 0.0416,
  "t4g.medium": 0.0336,
};
export const INSTANCE_PRICE_SOURCE = "aws.amazon.com/ec2/pricing/on-demand";

/** What a cluster uses besides instances. */
export const prices = {
  loadBalancer: {
    usd: 0.0225,
    per: "hour",
    unit: "network load balancer",
    source: "aws.amazon.com/elasticloadbalancing/pricing",
  },
  nat: { usd: 0.045, per: "hour", unit: "NAT gateway", source: "aws.amazon.com/vpc/pricing" },
  endpoint: {
    usd: 0.01,
    per: "hour",
    unit: "interface endpoint in one zone",
    source: "aws.amazon.com/privatelink/pricing",
  },
  address: { usd: 0.005, per: "hour", unit: "public IPv4 address", source: "aws.amazon.com/vpc/pricing" },
  storage: { usd: 0.08, per: "month", unit: "GiB of gp3", source: "aws.amazon.com/ebs/pricing" },
  key: { usd: 1, per: "month", unit: "KMS key", source: "aws.amazon.com/kms/pricing" },
} as const satisfies Readonly<Record<string, Price>>;

/** What is not part of an estimate, because it depends on use or its price is not listed here. */
export const notPriced: readonly string[] = [
  "data transfer, also between zones and regions, and data that NAT gateways, endpoints and load balancers process",
  "snapshots in S3, CloudWatch alarms and Route 53",
  "parameters of Parameter Store's advanced tier",
  "discounts: savings plans and spot instances",
];
