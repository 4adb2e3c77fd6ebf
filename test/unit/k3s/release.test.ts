import { architecturesOf, k3sInstallation } from "../../../fleet/k3s/release";
import { parseFleet } from "../../../fleet/reading/parse";
import { local } from "../../../stacks/local";

const cluster = parseFleet(local).clusters[0]!;

test("installs the K3s release of a cluster, with the checksums that the fleet states", () => {
  const sha256 = { amd64: "0a".repeat(32), arm64: "0b".repeat(32) };
  expect(k3sInstallation(cluster)).toBeUndefined();
  expect(k3sInstallation({ kubernetesVersion: "1.36.3", k3s: { sha256 } })).toEqual({
    version: "v1.36.3+k3s1",
    source: "https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1",
    sha256,
  });
  const mirror = { version: "v1.36.3+k3s2", source: "s3://mirror/k3s", sha256 };
  expect(k3sInstallation({ kubernetesVersion: "1.36.3", k3s: mirror })).toEqual(mirror);
  expect(architecturesOf(cluster)).toEqual(["amd64", "arm64"]);
});
