import { describeAmbiguous, describeMissing, listPods, matchTarget, parseTarget } from "../../../preview/targets";
import { outcome, pod } from "./reports";

const named = (cluster: string, kind: string, namespace: string, name: string) => ({ cluster, kind, namespace, name });
const ALL = [
  named("east", "Deployment", "app", "web"),
  named("west", "Deployment", "app", "web"),
  named("east", "StatefulSet", "db", "web"),
  named("east", "DaemonSet", "app", "agent"),
];

describe("the name of a pod or workload", () => {
  it.each([
    ["deployment/web", undefined, { kind: "Deployment", name: "web" }],
    ["Deploy/web", "app", { kind: "Deployment", namespace: "app", name: "web" }],
    ["sts/web", undefined, { kind: "StatefulSet", name: "web" }],
    ["po/web-0", undefined, { kind: "Pod", name: "web-0" }],
    ["app/web", undefined, { namespace: "app", name: "web" }],
    ["web", undefined, { name: "web" }],
  ])("is parsed: %s", (text, namespace, want) => {
    expect(parseTarget(text, namespace)).toEqual({ text, ...want });
  });

  it.each([
    ["a/b/c", undefined, "must be <kind>/<name>, <namespace>/<name> or <name>"],
    ["deployment/", undefined, "must be <kind>/<name>"],
    ["/web", undefined, "must be <kind>/<name>"],
    ["deploymnt/web", "app", 'unknown kind "deploymnt": did you mean "deployment"? (must be one of: pod, deployment,'],
  ])("is refused: %s", (text, namespace, message) => {
    expect(() => parseTarget(text, namespace)).toThrow(message);
  });

  it("means everything that its parts do not exclude", () => {
    const count = (text: string, namespace?: string): number => matchTarget(parseTarget(text, namespace), ALL).length;
    expect([count("web"), count("deployment/web"), count("db/web"), count("web", "app"), count("job/web")]).toEqual([
      3, 2, 1, 2, 0,
    ]);
  });

  it("that means several lists how to name each", () => {
    const target = parseTarget("deployment/web");
    expect(describeAmbiguous(target, matchTarget(target, ALL))).toBe(
      '"deployment/web" is ambiguous; name one of:\n' +
        "  deployment/web --namespace app --cluster east\n  deployment/web --namespace app --cluster west",
    );
  });

  it("that means nothing has a suggestion and, if there are few, the names", () => {
    expect(describeMissing(parseTarget("agnet"), ALL, "the fleet")).toBe(
      'unknown pod or workload "agnet" in the fleet: did you mean "agent"? (must be one of: daemonset/agent, deployment/web, statefulset/web)',
    );
    const many = Array.from({ length: 50 }, (_, index) => named("east", "Deployment", "app", `service-${index}`));
    expect(describeMissing(parseTarget("nothing-like-it"), many, "cluster east")).toBe(
      'unknown pod or workload "nothing-like-it" in cluster east',
    );
  });

  it("is not that of a pod that a CronJob has not created yet", () => {
    const pods = [pod("web-0", "tokyo-1"), pod("nightly-0", "tokyo-1", { origin: "WouldRun" })];
    expect(listPods("east", outcome(pods))).toEqual([named("east", "Pod", "app", "web-0")]);
  });
});
