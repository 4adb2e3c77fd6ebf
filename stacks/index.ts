import { FleetDeployment } from "../components/fleet";
import { readStackSettings } from "../components/stack-settings";
import { describeUnknown } from "../fleet/problem";
import { environments } from "./environments";
import { policy } from "./policy";

// 1. Read the settings of this stack from Pulumi.<stack>.yaml, and look up its environment: a fleet and a source of machines.
const settings = readStackSettings();
const environment = environments[settings.environment]?.();
if (!environment) throw new Error(describeUnknown("environment", settings.environment, Object.keys(environments)));

// 2. Parse the fleet and render the objects of each cluster. All problems are reported before anything changes.
// 3. Create the machines of each cluster: its servers, and the agents of its node pools, which join it.
// 4. Issue the credentials of its brokers as Secrets, under the names that the objects refer to.
// 5. Apply its objects in stages. Each stage waits until the previous one is ready.
// 6. Upgrade the clusters that run another version of K3s, canaries first. A fleet without upgrades has none.
const fleet = new FleetDeployment("fleet", {
  ...environment,
  policy,
  ...settings,
});

// 7. Export the kubeconfigs of the administrators, which are secrets.
export const { kubeconfigs } = fleet;
