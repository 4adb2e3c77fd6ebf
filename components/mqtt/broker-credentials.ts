import * as pulumi from "@pulumi/pulumi";

import { mqttSecrets } from "../../charts/mqtt/secrets";
import type { ClusterSpec } from "../../fleet/model";
import type { Manifest } from "../delivery/object";
import { DynamicResource } from "../dynamic";
import type { CertificateRequest, IssuedCertificate } from "./certificates-operations";

/** A certificate authority, and the certificates that it issued. Kept until they near their end. */
class Certificates extends DynamicResource {
  /** PEM. */
  declare readonly authority: pulumi.Output<string>;
  /** By the name of the request. Secret. */
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

/** The certificates of a cluster's MQTT brokers, their bridges and their clients, as the Secrets that charts refer to. */
export class BrokerCredentials extends pulumi.ComponentResource {
  /** One Secret a certificate, with `ca.crt`, `tls.crt` and `tls.key`. */
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
