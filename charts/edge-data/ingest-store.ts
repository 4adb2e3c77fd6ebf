import { type k8s } from "cdk8s-plus-27";

import type { EdgeIngest } from "../../fleet/model";
import { tcp } from "../network";

const DATABASE = "/database";
const DATA = "/data";

/** What a pod of the ingest needs for its database. */
export interface IngestStore {
  readonly args: readonly string[];
  readonly mount: k8s.VolumeMount;
  readonly volume: k8s.Volume;
  readonly egress: readonly k8s.NetworkPolicyEgressRule[];
}

/**
 * Returns what the ingest needs for its database: the Secret of a PostgreSQL, or a volume for SQLite.
 *
 * @param claim name of the claim of the volume
 * @throws Error unless exactly one of `database` and `sqlite` is set
 */
export function ingestStore({ database, sqlite }: EdgeIngest, claim: string): IngestStore {
  if ((database === undefined) === (sqlite === undefined))
    throw new Error("the ingest must have exactly one of database and sqlite");
  if (!database) {
    return {
      args: [`--database=sqlite:${DATA}/edge.db`],
      mount: { name: "data", mountPath: DATA },
      volume: { name: "data", persistentVolumeClaim: { claimName: claim } },
      egress: [],
    };
  }
  const { host, port, name, user, secret } = database;
  return {
    args: [
      `--database=postgres://${user}@${host}:${port}/${name}?sslmode=verify-full&sslrootcert=${DATABASE}/ca.crt`,
      `--database-password-file=${DATABASE}/password`,
    ],
    mount: { name: "database", mountPath: DATABASE, readOnly: true },
    volume: { name: "database", secret: { secretName: secret, defaultMode: 0o440 } },
    // A network policy cannot name the host of the database.
    egress: [{ ports: tcp(port) }],
  };
}
