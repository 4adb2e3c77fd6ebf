/** A party to network traffic. The first four have security groups. */
export type Role = "load balancer" | "server" | "agent" | "endpoint" | "administrator" | "internet";

/** Traffic that a cluster needs. */
export interface Flow {
  readonly protocol: "tcp" | "udp";
  /** First and last port. */
  readonly ports: readonly [number, number];
  readonly from: readonly Role[];
  readonly to: readonly Role[];
  readonly why: string;
}

const NODES: readonly Role[] = ["server", "agent"];

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
    from: ["administrator"],
    to: ["load balancer"],
    why: "Kubernetes API, from the stated address ranges only",
  },
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: NODES,
    to: ["load balancer"],
    why: "joining the cluster at its stable address",
  },
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: ["load balancer"],
    to: ["server"],
    why: "Kubernetes API and health checks",
  },
  {
    protocol: "tcp",
    ports: [API_PORT, API_PORT],
    from: NODES,
    to: ["server"],
    why: "Kubernetes API and supervisor: a joined node connects to each server directly",
  },
  { protocol: "tcp", ports: [2379, 2380], from: ["server"], to: ["server"], why: "etcd clients and peers" },
  { protocol: "udp", ports: [8472, 8472], from: NODES, to: NODES, why: "pod network (flannel, VXLAN)" },
  { protocol: "tcp", ports: [10250, 10250], from: NODES, to: NODES, why: "kubelet: logs, exec and metrics" },
  {
    protocol: "tcp",
    ports: [443, 443],
    from: NODES,
    to: ["endpoint"],
    why: "AWS APIs through VPC endpoints",
  },
  {
    protocol: "tcp",
    ports: [443, 443],
    from: NODES,
    to: ["internet"],
    why: "AWS APIs, container images and K3s releases through a NAT gateway",
  },
];
