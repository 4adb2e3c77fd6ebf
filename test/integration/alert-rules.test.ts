import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { alertGroups } from "../../charts/observability/alerts";
import { dashboards } from "../../charts/observability/dashboards";
import { compilerFlags, goEnvironment } from "../../cli/tools/go-flags";

const root = join(__dirname, "..", "..");
const rules = join(root, "charts", "observability", "generated", "alerts.yaml");
const cases = join(root, "test", "fixtures", "alerts.test.yaml");
const alerts = alertGroups.flatMap((group) => group.alerts);

// Service discovery is half of promtool's code, and no rule needs it.
const BUILD = ["-tags", "remove_all_sd", "-ldflags=-s -w", ...compilerFlags({})];

let folder: string;
const promtool = (...args: string[]): string => {
  try {
    return execFileSync(join(folder, "promtool"), args, { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`);
  }
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skerry-promtool-"));
  execFileSync(
    "go",
    ["build", ...BUILD, "-o", join(folder, "promtool"), "github.com/prometheus/prometheus/cmd/promtool"],
    { cwd: join(root, "toolchain", "promtool"), env: goEnvironment, stdio: "pipe" },
  );
}, 1_200_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("are valid for Prometheus", () => {
  expect(promtool("check", "rules", "--lint=all", "--lint-fatal", rules)).toContain(`${alerts.length} rules found`);
});

it("fire for their reason, and stay silent without it", () => {
  copyFileSync(rules, join(folder, "alerts.yaml"));
  copyFileSync(cases, join(folder, "alerts.test.yaml"));
  expect(promtool("test", "rules", join(folder, "alerts.test.yaml"))).toContain("SUCCESS");
});

it("have a case in which they fire, and one in which they do not", () => {
  const { tests } = parse(readFileSync(cases, "utf8")) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const tested = tests.flatMap((each) => each.alert_rule_test);
  const namesOf = (fires: boolean): string[] =>
    [
      ...new Set(tested.filter((each) => each.exp_alerts.length > 0 === fires).map(({ alertname }) => alertname)),
    ].sort();
  const names = alerts.map(({ name }) => name).sort();
  expect(namesOf(true)).toEqual(names);
  expect(namesOf(false)).toEqual(names);
});

it("and the queries of the dashboards are valid PromQL", () => {
  const expressions = dashboards
    .flatMap(({ panels }) => panels.flatMap(({ series }) => Object.values(series)))
    // Grafana replaces its variables before it sends a query.
    .map((each) => each.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*"));
  mkdirSync(join(folder, "queries"));
  const file = join(folder, "queries", "rules.yaml");
  const recorded = expressions.map((expr, index) => ({ record: `query:${index}`, expr }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboards", rules: recorded }] }));
  expect(promtool("check", "rules", file)).toContain(`${expressions.length} rules found`);
});
