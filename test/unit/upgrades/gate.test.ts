import { gateScript } from "../../../charts/upgrades/gate";
import { checkWithShellcheck, hasShellcheck } from "../support/shellcheck";
import { UpgradeImage } from "../support/upgrade-image";

const STAND_IN = `
case "$*" in
  *"get nodes"*)
    [ -e "$AWAY" ] && rm "$AWAY" && exit 1
    printf '%s' "$UPGRADED" ;;
  *wait*"$BROKEN"*) [ -n "$BROKEN" ] && exit 1 ;;
esac
exit 0
`;

let image: UpgradeImage;
beforeEach(() => (image = new UpgradeImage(STAND_IN)));
afterEach(() => image.remove());

const run = (script: string, upgraded: readonly string[], broken = "", away = "") =>
  image.run(script, {
    UPGRADED: upgraded.map((node) => `node/${node}\n`).join(""),
    BROKEN: broken,
    AWAY: away,
    SYSTEM_UPGRADE_PLAN_NAME: "k3s-wave-1",
    SYSTEM_UPGRADE_PLAN_LATEST_HASH: "abc",
  });

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

test("waits for an API server that is away, and does not take its silence for no upgraded node", () => {
  const { status, calls } = run(gateScript(300).replace("sleep 5", "sleep 0"), ["a"], "node/a", image.create("away"));
  expect(calls.slice(0, 2)).toEqual([SELECT, SELECT]);
  expect(status).not.toBe(0);
});

// ShellCheck is not a package of npm or Go, so it may be missing.
(hasShellcheck ? test : test.skip)("passes ShellCheck", () => checkWithShellcheck(gateScript(300, "k3s-servers")));
