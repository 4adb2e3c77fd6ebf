import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { gateScript } from "../../../charts/upgrades/gate";

const STAND_IN = `#!/bin/sh
echo "$0 $*" >> "$CALLS"
case "$*" in
  *"get nodes"*) printf '%s' "$UPGRADED" ;;
  *wait*"$BROKEN"*) [ -n "$BROKEN" ] && exit 1 ;;
esac
exit 0
`;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "gate-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the script with stand-ins for the programs of the image. */
function run(script: string, upgraded: readonly string[], broken = "") {
  const calls = join(folder, "calls");
  writeFileSync(calls, "");
  for (const name of ["k3s", "upgrade.sh"]) {
    writeFileSync(join(folder, name), STAND_IN);
    chmodSync(join(folder, name), 0o755);
  }
  const local = script
    .replaceAll("/opt/k3s", join(folder, "k3s"))
    .replaceAll("/bin/upgrade.sh", join(folder, "upgrade.sh"));
  const { status } = spawnSync("/bin/sh", ["-c", local], {
    env: {
      PATH: process.env.PATH,
      CALLS: calls,
      UPGRADED: upgraded.map((node) => `node/${node}\n`).join(""),
      BROKEN: broken,
      SYSTEM_UPGRADE_PLAN_NAME: "k3s-wave-1",
      SYSTEM_UPGRADE_PLAN_LATEST_HASH: "abc",
    },
  });
  return { status, calls: readFileSync(calls, "utf8").replaceAll(`${folder}/`, "").trim().split("\n") };
}

const SELECT = "k3s kubectl get nodes --selector plan.upgrade.cattle.io/k3s-wave-1=abc --output name";

test("lets the first node pass", () => {
  expect(run(gateScript(300), [])).toEqual({ status: 0, calls: [SELECT] });
});

test("waits for every node that the plan has upgraded, and then for the servers", () => {
  expect(run(gateScript(300, "k3s-servers"), ["a", "b"])).toEqual({
    status: 0,
    calls: [
      SELECT,
      "k3s kubectl wait node/a --for condition=Ready --timeout 300s",
      "k3s kubectl wait node/b --for condition=Ready --timeout 300s",
      "upgrade.sh prepare k3s-servers",
    ],
  });
});

test("fails before its node is cordoned if an upgraded node is not Ready", () => {
  const { status, calls } = run(gateScript(300, "k3s-servers"), ["a", "b"], "node/a");
  expect(status).not.toBe(0);
  expect(calls).not.toContain("upgrade.sh prepare k3s-servers");
});

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
// ShellCheck is a package of the operating system, which a machine with Node.js and Go alone does not have.
(hasShellcheck ? test : test.skip)("passes ShellCheck", () => {
  execFileSync("shellcheck", ["--shell=sh", "-"], { input: gateScript(300, "k3s-servers") });
});
