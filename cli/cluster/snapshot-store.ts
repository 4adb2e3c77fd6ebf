import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { LabClient } from "../../components/nodes/lab/client";
import { backupFolder } from "../../fleet/k3s/backup";
import { fromObject, newestFirst, type StoredSnapshot } from "../../fleet/k3s/snapshots";
import type { ClusterSpec } from "../../fleet/model";

/** Where the snapshots of a cluster are, whether the cluster answers or not. */
export interface SnapshotStore {
  /** For messages, such as `s3://example-snapshots/east/`. */
  readonly url: string;
  /** Lists the snapshots, newest first. They may lack the metadata of K3s. */
  list(): Promise<StoredSnapshot[]>;
  /** Returns a snapshot with the metadata of K3s. Undefined if it does not exist. */
  find(name: string): Promise<StoredSnapshot | undefined>;
}

/**
 * Returns the bucket of a cluster's snapshots. Undefined for a cluster without `backup`.
 *
 * @param inLab whether the machines of the cluster are in the lab, which has an object storage of its own
 */
export function openSnapshotStore({ name, backup }: ClusterSpec, inLab: boolean): SnapshotStore | undefined {
  if (!backup) return undefined;
  const { bucket, region, endpoint } = backup.s3;
  const folder = backupFolder(name, backup.s3.folder);
  const url = `s3://${bucket}/${folder}/`;
  return inLab ? labStore(url, bucket, folder) : s3Store(url, { bucket, region, endpoint, folder });
}

function labStore(url: string, bucket: string, folder: string): SnapshotStore {
  const list = async (): Promise<StoredSnapshot[]> => {
    const objects = await new LabClient().listObjects(bucket, folder);
    return newestFirst(objects.map((object) => fromObject({ bucket, ...object })));
  };
  return { url, list, find: async (wanted) => (await list()).find(({ name }) => name === wanted) };
}

interface S3Folder {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly folder: string;
}

/** Reads a bucket with the command `aws`, which finds the credentials of the user wherever they are. */
function s3Store(url: string, { bucket, region, endpoint, folder }: S3Folder): SnapshotStore {
  const options = ["--bucket", bucket, "--region", region, "--output", "json"];
  if (endpoint !== undefined) options.push("--endpoint-url", `https://${endpoint}`);
  const call = async <T>(command: string, ...args: string[]): Promise<T> => {
    try {
      const { stdout } = await promisify(execFile)("aws", ["s3api", command, ...options, ...args], {
        env: process.env,
        maxBuffer: 1 << 26,
      });
      return JSON.parse(stdout.trim() || "{}") as T;
    } catch (error) {
      const { code, stderr = "", message } = error as Error & { code?: string; stderr?: string };
      if (code === "ENOENT") throw new Error(`reading ${url} needs the command aws (AWS CLI), which is not on PATH`);
      throw new Error(`${url}: ${stderr.trim() || message}`);
    }
  };
  return {
    url,
    async list() {
      const { Contents = [] } = await call<{ Contents?: { Key: string; Size: number; LastModified: string }[] }>(
        "list-objects-v2",
        "--prefix",
        `${folder}/`,
      );
      // K3s keeps the extra metadata of snapshots in a folder of its own.
      const snapshots = Contents.filter(({ Key }) => !Key.slice(folder.length + 1).includes("/"));
      return newestFirst(
        snapshots.map(({ Key, Size, LastModified }) =>
          fromObject({ bucket, key: Key, size: Size, lastModified: LastModified }),
        ),
      );
    },
    async find(name) {
      const key = `${folder}/${name}`;
      try {
        const head = await call<{
          ContentLength: number;
          LastModified: string;
          Metadata?: Readonly<Record<string, string>>;
        }>("head-object", "--key", key);
        const { ContentLength: size, LastModified: lastModified, Metadata: metadata = {} } = head;
        return fromObject({ bucket, key, size, lastModified, metadata });
      } catch (error) {
        if (/\(404\)|Not Found/.test((error as Error).message)) return undefined;
        throw error;
      }
    },
  };
}
