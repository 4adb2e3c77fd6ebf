import type { KubeConfig } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { ApiServer } from "./api-server";
import { eventually } from "./eventually";
import { createAll, deleteAll } from "./silence";

const NAME = "no-samples";
const REJECTION = "sampling is stopped";
const PROFILES = "/apis/skerry.dev/v1alpha1/nodeprofiles";

/** A policy under which the API server rejects every sample. */
const noSamples: readonly KubeObject[] = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: NAME },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ["skerry.dev"],
            apiVersions: ["v1alpha1"],
            resources: ["nodeprofiles", "nodeprofiles/status"],
            operations: ["CREATE", "UPDATE"],
          },
        ],
      },
      validations: [{ expression: "false", message: REJECTION }],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ["Deny"] },
  },
];

/**
 * Deletes the usage samples of all nodes and rejects new ones, so that the scheduler's choices depend on nothing that changes
 * by itself. Returns a function that admits samples again.
 */
export async function stopSampling(config: KubeConfig): Promise<() => Promise<void>> {
  const api = new ApiServer(config);
  await createAll(config, noSamples);
  await eventually("no node has a sample", 60, async () => {
    await api.send("DELETE", PROFILES);
    // The API server enforces a new policy within seconds, and nodes publish samples until then.
    const probe = { apiVersion: "skerry.dev/v1alpha1", kind: "NodeProfile", metadata: { name: NAME } };
    const { body: rejection } = await api.send("POST", PROFILES, { ...probe, spec: { capability: {} } });
    const { body: list } = await api.send("GET", PROFILES);
    return rejection.message?.includes(REJECTION) === true && (list as { items?: unknown[] }).items?.length === 0;
  });
  return () => deleteAll(config, [...noSamples].reverse());
}
