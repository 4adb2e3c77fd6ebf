import { readFileSync } from "node:fs";
import { join } from "node:path";

import { schedulerConfig } from "../../../../charts/system/scheduler-config";
import { configMap, type ObjectCases } from "./case";

/** The tests of the Go code use the same file. */
const config = readFileSync(join(__dirname, "../../../fixtures/scheduler-config.yaml"), "utf8");
const conf = (text: string) => configMap({ "config.yaml": text });
const path = 'data["config.yaml"]';
const changed = (from: string, to: string): string => {
  if (!config.includes(from)) throw new Error(`the fixture has no "${from}"`);
  return config.replace(from, to);
};

export const schedulerConfigValid: ObjectCases = {
  valid: [
    conf(config),
    conf(schedulerConfig({ edgeProximity: { linksFile: "links/links.json" } })),
    conf("kind: Something\n"),
    configMap({ notes: "A text about KubeSchedulerConfiguration: it has profiles.\n" }),
    configMap({}),
  ],
  invalid: [
    { object: conf(changed("weight: 7", "weight: -1")), paths: [path] },
    { object: conf(changed("cpu: 80", "cpu: 0")), paths: [path] },
    { object: conf(changed("headroom: 3", "headroom: 1")), paths: [path] },
    { object: conf(changed("whenMissing: Closed", "whenMissing: Maybe")), paths: [path] },
    { object: conf(changed("clockSkew: 5s", "clockScew: 5s")), paths: [path, path] },
    { object: conf(changed("freshFor: 90s", "freshFor: 90")), paths: [path, path] },
    { object: conf(changed("kind: LoadAwareArgs", "kind: LoadAwareArg")), paths: [path] },
    { object: conf(changed("config.skerry.dev/v1", "config.skerry.dev/v2")), paths: [path] },
    {
      object: conf(
        changed(
          "cpu: 0.5\n            memory: 0.3\n            network: 0.1",
          "cpu: 0\n            memory: 0\n            network: 0",
        ),
      ),
      paths: [path],
    },
    { object: conf(changed("linksFile", "linkFile")), paths: [path] },
    { object: conf(changed("multiPoint", "multipoint")), paths: [path] },
    { object: conf(changed("kubescheduler.config.k8s.io/v1", "kubescheduler.config.k8s.io/v1beta3")), paths: [path] },
    { object: conf(`${config}  - schedulerName: edge-scheduler\n`), paths: [path] },
    { object: conf("kind: KubeSchedulerConfiguration\nprofiles: [\n"), paths: [path] },
    {
      object: conf("apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: []\n"),
      paths: [path],
    },
  ],
};
