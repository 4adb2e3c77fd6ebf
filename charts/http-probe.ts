import { k8s } from "cdk8s-plus-27";

/**
 * Returns a probe that requests a path.
 *
 * @param port name or number of the port
 * @param options @default - a time limit of 5 s, and 3 failures in a row count
 */
export const httpProbe = (
  path: string,
  port: string | number,
  { scheme, ...options }: Omit<k8s.Probe, "httpGet"> & { readonly scheme?: string },
): k8s.Probe => ({
  httpGet: {
    path,
    port: typeof port === "string" ? k8s.IntOrString.fromString(port) : k8s.IntOrString.fromNumber(port),
    ...(scheme !== undefined && { scheme }),
  },
  timeoutSeconds: 5,
  failureThreshold: 3,
  ...options,
});
