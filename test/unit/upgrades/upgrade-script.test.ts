import { setTimeout as sleep } from "node:timers/promises";

import { upgradeScript } from "../../../charts/upgrades/upgrade-script";
import { checkWithShellcheck, hasShellcheck } from "../support/shellcheck";
import { UpgradeImage } from "../support/upgrade-image";

const STAND_IN = `
case "$0 $*" in
  *"$HANGING"*) [ -n "$HANGING" ] && exec sleep 60 ;;
esac
case "$0 $*" in
  *"$FAILING"*) [ -n "$FAILING" ] && exit 1 ;;
esac
exit 0
`;
const DRAIN =
  "k3s kubectl drain gw-01 --pod-selector !upgrade.cattle.io/controller --ignore-daemonsets --delete-emptydir-data --timeout 600s";
const UNCORDON = "k3s kubectl uncordon gw-01";
const script = upgradeScript({ timeoutSeconds: 600, force: false });
const variables = (failing = "", hanging = "") => ({
  SYSTEM_UPGRADE_NODE_NAME: "gw-01",
  FAILING: failing,
  HANGING: hanging,
});

let image: UpgradeImage;
beforeEach(() => (image = new UpgradeImage(STAND_IN)));
afterEach(() => image.remove());

test("drains the node and replaces K3s; the controller uncordons it", () => {
  expect(image.run(script, variables())).toEqual({ status: 0, calls: [DRAIN, "upgrade.sh upgrade"] });
});

test("passes the settings of the drain on", () => {
  const { calls } = image.run(upgradeScript({ timeoutSeconds: 60, gracePeriodSeconds: 5, force: true }), variables());
  expect(calls[0]).toMatch(/--timeout 60s --grace-period 5 --force$/);
});

test.each([
  ["the drain", " drain ", [DRAIN, UNCORDON]],
  ["the replacement of K3s", "upgrade.sh upgrade", [DRAIN, "upgrade.sh upgrade", UNCORDON]],
])("uncordons the node if %s fails", (_what, failing, calls) => {
  const result = image.run(script, variables(failing));
  expect(result.status).not.toBe(0);
  expect(result.calls).toEqual(calls);
});

test("uncordons the node at once if the job is stopped while it drains", async () => {
  const running = image.start(script, variables("", " drain "));
  const ended = new Promise((resolve) => running.on("exit", resolve));
  while (!image.calls.includes(DRAIN)) await sleep(10);
  running.kill("SIGTERM");
  expect(await ended).toBe(143);
  expect(image.calls).toEqual([DRAIN, UNCORDON]);
});

test("uncordons a node that it does not drain if the replacement of K3s fails", () => {
  expect(image.run(upgradeScript(), variables()).calls).toEqual(["upgrade.sh upgrade"]);
  expect(image.run(upgradeScript(), variables("upgrade.sh upgrade")).calls.slice(1)).toEqual([
    "upgrade.sh upgrade",
    UNCORDON,
  ]);
});

// ShellCheck is not a package of npm or Go, so it may be missing.
(hasShellcheck ? test : test.skip)("passes ShellCheck", () => {
  for (const each of [script, upgradeScript()]) checkWithShellcheck(each);
});
