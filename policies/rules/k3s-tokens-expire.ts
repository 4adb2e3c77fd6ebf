import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";
import { argumentsOf } from "../k3s/rendered-machines";

const ARGUMENT = "service-account-extend-token-expiration";

export const k3sTokensExpire = machineRule({
  id: "k3s-tokens-expire",
  title: "Tokens of service accounts expire when they say",
  why: "By default, the API server extends tokens that kubelets request for an hour to a year. A stolen token remains valid for as long.",
  severity: "error",
  remedy: `Set ${ARGUMENT}=false in kube-apiserver-arg.`,
  controls: ["CIS 1.2.30"],
  requirements: [
    {
      setting: "token-expiration",
      role: "server",
      check: (machine) => {
        const value = argumentsOf(machine, "kube-apiserver")[ARGUMENT];
        return value === "false" ? [] : [`${ARGUMENT} in kube-apiserver-arg must be false, got ${formatValue(value)}`];
      },
    },
  ],
});
