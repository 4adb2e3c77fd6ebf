import * as pulumi from "@pulumi/pulumi";

import { mqttSecrets } from "../../charts/mqtt/secrets";
import type { ClusterSpec } from "../../fleet/model";
import type { Manifest } from "../delivery/object";
import { DynamicResource } from "../dynamic";
import type { CertificateRequest, IssuedCertificate } from "./certificates-operations";

/** A certificate authority and the certificates that it issued. */
class Certificates extends DynamicResource {
  /** Certificate of the authority, PEM. */
  declare readonly authority: pulumi.Output<string>;
  /** Certificates by request id. Secret. */
  declare readonly issued: pulumi.Output<Record<string, IssuedCertificate>>;

  constructor(
    name: string,
    args: { readonly commonName: string; readonly requests: readonly CertificateRequest[] },
    opts: pulumi.CustomResourceOptions,
  ) {
    super(
      "mqtt:Certificates",
      "components/mqtt/certificates-operations",
      name,
      { ...args, authority: undefined, authorityKey: undefined, issued: undefined },
      { ...opts, additionalSecretOutputs: ["authorityKey", "issued"] },
    );
  }
}

/**
 * Issues the certificates of a cluster's MQTT brokers, bridges and clients, as the Secrets that the charts refer to.
 */
export class BrokerCredentials extends pulumi.ComponentResource {
  /** One Secret per certificate, with `ca.crt`, `tls.crt` and `tls.key`. */
  readonly secrets: readonly Manifest[];

  constructor(name: string, args: { readonly cluster: ClusterSpec }, opts: pulumi.ComponentResourceOptions = {}) {
    super("skerry:mqtt:BrokerCredentials", name, {}, opts);
    const wanted = mqttSecrets(args.cluster);
    const requests = wanted.map(({ name: id, commonName, usage, dnsNames }) => ({ id, commonName, usage, dnsNames }));
    const certificates = wanted.length
      ? new Certificates(
          `${name}-certificates`,
          { commonName: `${args.cluster.name} MQTT`, requests },
          { parent: this },
        )
      : undefined;
    this.secrets = wanted.map((secret) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: secret.name,
        namespace: secret.namespace,
        labels: { "app.kubernetes.io/managed-by": "skerry" },
      },
      type: "kubernetes.io/tls",
      stringData: {
        "ca.crt": certificates!.authority,
        "tls.crt": certificates!.issued.apply((issued) => issued[secret.name]?.certificate ?? ""),
        "tls.key": certificates!.issued.apply((issued) => issued[secret.name]?.key ?? ""),
      },
    }));
    this.registerOutputs({});
  }
}
