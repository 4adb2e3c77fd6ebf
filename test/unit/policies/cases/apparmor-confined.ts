import type { KubeObject } from "../../../../fleet/kubernetes/object";
import { container, type ObjectCases, podSecurityContext, podSpec, securityContext, workload } from "./case";

const KEY = "container.apparmor.security.beta.kubernetes.io/main";
const pod = (appArmorProfile: object | null) => podSpec(podSecurityContext({ appArmorProfile }));

/** A Deployment whose pods have an annotation. */
function annotated(value: string): KubeObject {
  const object = workload("Deployment");
  const spec = object.spec as { readonly template: { readonly metadata: object } };
  const metadata = { ...spec.template.metadata, annotations: { [KEY]: value } };
  return { ...object, spec: { ...spec, template: { ...spec.template, metadata } } };
}

export const apparmorConfined: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", pod({ type: "RuntimeDefault" })),
    workload("DaemonSet", pod({ type: "Localhost", localhostProfile: "gateway" })),
    workload("StatefulSet", pod(null)),
    annotated("runtime/default"),
    annotated("localhost/gateway"),
  ],
  invalid: [
    {
      object: workload("Pod", pod({ type: "Unconfined" })),
      paths: ["spec.securityContext.appArmorProfile.type"],
    },
    {
      object: workload(
        "Job",
        podSpec({ containers: [container(securityContext({ appArmorProfile: { type: "Unconfined" } }))] }),
      ),
      paths: ["spec.template.spec.containers[0].securityContext.appArmorProfile.type"],
    },
    { object: annotated("unconfined"), paths: [`spec.template.metadata.annotations["${KEY}"]`] },
  ],
};
