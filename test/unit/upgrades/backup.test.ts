import { serverConfig } from "../../../fleet/k3s/config";
import { backupConfig, snapshotRequest, snapshotSchedule } from "../../../fleet/k3s/backup";
import { parseFleet } from "../../../fleet/reading/parse";

const fleet = (backup?: object) =>
  parseFleet({
    name: "any",
    regions: [{ name: "tokyo", latitude: 0, longitude: 0 }],
    clusters: [{ name: "east", homeRegion: "tokyo", nodePools: [], ...(backup && { backup }) }],
  });
const s3 = { bucket: "snapshots", region: "ap-northeast-1" };

test("stores a snapshot in the bucket every 15 minutes by default, without keys", () => {
  const [cluster] = fleet({ s3 }).clusters;
  const config = serverConfig(cluster!, "192.0.2.1");
  expect(config).toMatchObject({
    "etcd-snapshot-schedule-cron": "*/15 * * * *",
    "etcd-snapshot-retention": 96,
    "etcd-snapshot-compress": true,
    "etcd-s3": true,
    "etcd-s3-endpoint": "s3.amazonaws.com",
    "etcd-s3-region": "ap-northeast-1",
    "etcd-s3-bucket": "snapshots",
    "etcd-s3-folder": "east",
    "etcd-s3-retention": 96,
  });
  expect(Object.keys(config).filter((key) => /access-key|secret/.test(key))).toEqual([]);
});

test("leaves K3s' own schedule to a cluster without backup", () => {
  expect(backupConfig(fleet().clusters[0]!)).toEqual({});
});

test("follows the folder and the endpoint of the cluster", () => {
  const [cluster] = fleet({
    everyMinutes: 60,
    keep: 24,
    s3: { ...s3, folder: "k3s/east", endpoint: "minio.example:9000" },
  }).clusters;
  expect(backupConfig(cluster!)).toMatchObject({
    "etcd-snapshot-schedule-cron": "0 */1 * * *",
    "etcd-s3-endpoint": "minio.example:9000",
    "etcd-s3-folder": "k3s/east",
  });
});

test.each([
  [1, "*/1 * * * *"],
  [30, "*/30 * * * *"],
  [60, "0 */1 * * *"],
  [720, "0 */12 * * *"],
  [1440, "0 0 * * *"],
])("writes an interval of %i minutes as %s", (minutes, cron) => expect(snapshotSchedule(minutes)).toBe(cron));

test("requests a snapshot with the complete settings of the bucket, because K3s replaces its own by them", () => {
  const [cluster] = fleet({ s3 }).clusters;
  const config = backupConfig(cluster!);
  expect(snapshotRequest("east", "on-demand", cluster!.backup).s3).toEqual({
    endpoint: config["etcd-s3-endpoint"],
    region: config["etcd-s3-region"],
    bucket: config["etcd-s3-bucket"],
    folder: config["etcd-s3-folder"],
    retention: config["etcd-s3-retention"],
    timeout: "5m0s",
  });
  expect(snapshotRequest("east", "on-demand", undefined)).not.toHaveProperty("s3");
});
