import type { k8s } from "cdk8s-plus-27";

import type { EdgeSensor } from "../../fleet/model";
import { tcp } from "../network";

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * Allows connections to the sensors that an agent reads over the network. A network policy cannot name a host, so that a sensor
 * with a host name opens its port to all addresses.
 */
export function toSensors(sensors: readonly EdgeSensor[]): k8s.NetworkPolicyEgressRule[] {
  const addresses = sensors.flatMap(({ modbus }) => modbus?.address ?? []);
  return [...new Set(addresses)].sort().map((address) => {
    const at = address.lastIndexOf(":");
    const [host, port] = [address.slice(0, at), Number(address.slice(at + 1))];
    return { ports: tcp(port), ...(IPV4.test(host) && { to: [{ ipBlock: { cidr: `${host}/32` } }] }) };
  });
}
