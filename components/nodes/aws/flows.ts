/**
 * A party to network traffic. The first four have security groups; servers belong to two of them, because they are nodes as
 * well.
 */
export type Role = "load balancer" | "server" | "node" | "endpoint" | "administrator" | "internet";

/** Traffic that a cluster needs. */
export interface Flow {
  readonly protocol: "tcp" | "udp";
  /** First and last port. */
  readonly ports: readonly [number, number];
  readonly from: Role;
  readonly to: Role;
  readonly why: string;
}

/** TCP port of the Kubernetes API, and of K3s' supervisor. */
export const API_PORT = 6443;

/**
 * Every port that is open in AWS. The security groups and the table in `docs/aws-tables.md` are generated from this list.
 * There is no port 22: Session Manager opens shells without an inbound port.
 *
 * @see https://docs.k3s.io/installation/requirements#inbound-rules-for-k3s-nodes
 */
export const flows: readonly Flow[] = [
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: "administrator",
    to: "load balancer",
    why: "Kubernetes API, from the stated address ranges only",
  },
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: "node",
    to: "load balancer",
    why: "joining the cluster at its stable address",
  },
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: "load balancer",
    to: "server",
    why: "Kubernetes API and health checks",
  },
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: "node",
    to: "server",
    why: "Kubernetes API and supervisor - a joined node connects to each server directly",
  },
  { protocol: "tcp", ports: [2379, 2380], from: "server", to: "server", why: "etcd clients and peers" },
  { protocol: "udp", ports: [8472, 8472], from: "node", to: "node", why: "pod network (flannel, VXLAN)" },
  { protocol: "tcp", ports: [10250, 10250], from: "node", to: "node", why: "kubelet (logs, exec and metrics)" },
  { protocol: "tcp", ports: [443, 443], from: "node", to: "endpoint", why: "AWS APIs through VPC endpoints" },
  {
    protocol: "tcp",
    ports: [443, 443],
    from: "node",
    to: "internet",
    why: "AWS APIs, container images and K3s releases, through a NAT gateway",
  },
];
