import type { KubeConfig } from "@kubernetes/client-node";

import { renderFleet } from "../../charts/render";
import { type KubeObject, nameOf } from "../../fleet/kubernetes/object";
import type { Fleet } from "../../fleet/model";
import { admissionPolicies } from "../../policies/admission/policies";
import { type AdmittedRule, isAdmitted, type ObjectRule } from "../../policies/engine/rule";
import { rules } from "../../policies/rules";
import { violationsAlone } from "../unit/policies/cases/alone";
import { configMap, container, podSpec, workload, WORKLOAD_KINDS } from "../unit/policies/cases/case";
import { corpus } from "../unit/policies/cases/corpus";
import { type Answer, ApiServer, collection } from "./api-server";
import { eventually } from "./eventually";

/** Namespace with copies of the policies that only warn, so one response contains the result of every rule. */
const NAMESPACE = "admission-corpus";
/** Number of concurrent dry runs. */
const CONCURRENCY = 8;
/** Kinds that at least one policy matches. */
const MATCHED_KINDS = new Set<string>([...WORKLOAD_KINDS, "ConfigMap"]);

interface PolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: object;
}

const admitted = rules.filter(isAdmitted);
const policies = admissionPolicies(rules);

const copyName = (name: string, namespace = NAMESPACE): string => name.replace(/^skerry-/, `${namespace}-`);

/** Returns a copy of a policy or binding that only applies to one namespace. */
function copyPolicy(object: KubeObject, namespace: string, actions: readonly string[]): KubeObject {
  const metadata = { name: copyName(nameOf(object), namespace) };
  const spec = object.spec as { readonly validations: readonly { readonly message: string }[] };
  if (object.kind === "ValidatingAdmissionPolicy") {
    // The API server truncates long warnings if there are many. Only the id of the rule is left, between marks.
    const validations = spec.validations.map((each, index) => ({
      ...each,
      message: `<${each.message.split(":")[0]}> ${index}`,
    }));
    return { ...object, metadata, spec: { ...spec, validations } };
  }
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  return {
    ...object,
    metadata,
    spec: { policyName: metadata.name, validationActions: actions, matchResources: { namespaceSelector } },
  };
}

const here = (object: KubeObject, namespace = NAMESPACE): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

/** Returns the rules that an object violates according to the API server. */
const findWarnings = ({ warnings }: Answer): string[] =>
  admitted.map(({ id }) => id).filter((id) => warnings.some((text) => text.includes(`<${id}>`)));
/** Returns the rules that an object violates, of those that the API server evaluates for its kind. */
const findViolations = (object: KubeObject): string[] =>
  admitted
    .filter(({ admission: { kinds } }) => kinds === undefined || kinds.includes(object.kind))
    .filter((rule) => violationsAlone(rule, object).length > 0)
    .map(({ id }) => id);
/** A custom rule of a team for pods. */
const ownRule = (id: string, expression: string, message: string): AdmittedRule & ObjectRule => ({
  subject: "object",
  id,
  title: "A rule of a team's own",
  why: "It is asked here.",
  severity: "error",
  remedy: "Ask for nothing.",
  check: () => [],
  admission: { validations: [{ expression, message }] },
});
/** Whether the policies were evaluated. Malformed objects are rejected before. */
const wereEvaluated = ({ status, body }: Answer): boolean =>
  status === 201 || (status === 403 && /ValidatingAdmissionPolicy/.test(body.message ?? ""));

/**
 * Checks that the API server enforces the rules and reports the same violations, in a cluster with the fleet's
 * policies.
 */
export function describeAdmission(connect: () => KubeConfig, fleet: Fleet): void {
  let api: ApiServer;
  const made: KubeObject[] = [];
  const make = async (object: KubeObject): Promise<void> => {
    await api.made(object);
    made.unshift(object);
  };
  const ask = (object: KubeObject): Promise<Answer> => api.create(object, { dryRun: true });
  const namespace = async (name: string): Promise<void> => {
    // Otherwise pod security would reject some pods before the policies see them.
    const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
    await make({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
    await eventually(
      "the default service account",
      30,
      async () => (await api.send("GET", `${accounts}/default`)).status === 200,
    );
    await api.made({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "collector", namespace: name } });
  };

  beforeAll(async () => {
    api = new ApiServer(connect());
    await namespace(NAMESPACE);
    for (const object of policies) await make(copyPolicy(object, NAMESPACE, ["Warn"]));
    for (const { id } of admitted) {
      const { object } = corpus.find(
        (each) => MATCHED_KINDS.has(each.object.kind) && findViolations(each.object).includes(id),
      )!;
      await eventually(`${id} holds`, 30, async () => findWarnings(await ask(here(object))).includes(id));
    }
  }, 120_000);
  afterAll(async () => {
    for (const object of made) await api.remove(object);
    await api.close();
  }, 60_000);

  test("the API server and the rules report the same violations for the whole corpus", async () => {
    const differ: object[] = [];
    let count = 0;
    const compare = async ({ title, object }: (typeof corpus)[number]): Promise<void> => {
      const asked = here(object);
      const answer = await ask(asked);
      if (!wereEvaluated(answer)) {
        // Rejected without a policy. A rule that has no policy for this reason must also report it.
        const found = rules.some((rule) => violationsAlone(rule, asked).length > 0);
        if (!found || answer.status >= 500) differ.push({ title, status: answer.status, message: answer.body.message });
        return;
      }
      count += 1;
      const [theirs, ours] = [findWarnings(answer), findViolations(asked)];
      if (theirs.join() !== ours.join()) differ.push({ title, theirs, ours });
    };
    const asked = corpus.filter((each) => MATCHED_KINDS.has(each.object.kind));
    for (let i = 0; i < asked.length; i += CONCURRENCY) await Promise.all(asked.slice(i, i + CONCURRENCY).map(compare));
    expect(differ).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(400);
  });

  test("the API server reports no type errors in the expressions", async () => {
    for (const policy of policies.filter(({ kind }) => kind === "ValidatingAdmissionPolicy")) {
      const name = copyName(nameOf(policy));
      const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${name}`;
      const { value } = await eventually(`${name} is looked at`, 30, async () => {
        const status = (await api.send("GET", path)).body.status as PolicyStatus | undefined;
        return status?.observedGeneration === undefined ? undefined : status;
      });
      expect({ name, ...value.typeChecking }).toEqual({ name });
    }
  });

  test("evaluating the largest ConfigMap stays within the cost limit of a policy", async () => {
    const line =
      "see https://example.com/a and eyJhbGciOiJub25lIn0.eyJ -----BEGIN CERTIFICATE AKIA ghp_ xox npm_ hvs. pul-\n";
    const text = line.repeat(Math.floor(1_040_000 / line.length));
    for (const key of ["notes.txt", "mosquitto.conf"]) {
      const answer = await ask(here(configMap({ [key]: text })));
      expect({ key, status: answer.status, message: answer.body.message, warned: findWarnings(answer) }).toEqual({
        key,
        status: 201,
        message: undefined,
        warned: [],
      });
    }
  });

  test("evaluating a Deployment with hundreds of containers stays within the cost limits of its policies", async () => {
    const containers = Array.from({ length: 500 }, (_, index) =>
      container({
        name: `main-${index}`,
        args: ["--region=tokyo", "--verbose"],
        env: [{ name: "LEVEL", value: "information" }],
      }),
    );
    const answer = await ask(here(workload("Deployment", podSpec({ containers }))));
    expect({ status: answer.status, message: answer.body.message, warnings: answer.warnings }).toEqual({
      status: 201,
      message: undefined,
      warnings: [],
    });
  });

  test("an object that violates a rule is rejected with the message of the rule", async () => {
    const latest = workload("Deployment", podSpec({ containers: [container({ image: "nginx:latest" })] }));
    const { status, body } = await api.create(here(latest, "default"));
    expect(status).toBe(403);
    const { admission, remedy } = admitted.find(({ id }) => id === "images-pinned")!;
    expect(body.message).toContain("'skerry-pods-error'");
    expect(body.message).toContain(`images-pinned: ${admission.validations[0]!.message} ${remedy}`);
  });

  test("an object that violates a rule of severity warning is accepted with a warning", async () => {
    const silent = workload("Deployment", podSpec({ containers: [container({ livenessProbe: null })] }));
    const { status, warnings } = await ask(here(silent, "default"));
    expect({ status, warnings }).toEqual({ status: 201, warnings: [expect.stringContaining(": probes: ")] });
  });

  test("system namespaces are exempt", async () => {
    const privileged = workload("Pod", podSpec({ containers: [container({ securityContext: { privileged: true } })] }));
    expect((await ask(here(privileged, "kube-system"))).status).toBe(201);
    expect((await ask(here(privileged, "default"))).status).toBe(403);
  });

  test("every rendered object of the fleet is accepted without a warning", async () => {
    const objects = renderFleet(fleet)
      .flatMap((cluster) => cluster.objects)
      .filter(({ kind }) => MATCHED_KINDS.has(kind));
    expect(objects.length).toBeGreaterThan(10);
    for (const object of objects) {
      const again = { ...object.metadata, name: `${object.metadata.name}-again`, namespace: "default" };
      const { status, body, warnings } = await ask({ ...object, metadata: again });
      expect({ name: again.name, status, message: body.message, warnings }).toEqual({
        name: again.name,
        status: 201,
        message: undefined,
        warnings: [],
      });
    }
  });

  test("an ephemeral container that is added to a running pod is checked", async () => {
    const pod = here(workload("Pod"));
    await make(pod);
    const path = `${collection(pod)}/${pod.metadata.name}/ephemeralcontainers`;
    const added = { name: "look", image: "busybox", securityContext: { privileged: true } };
    const answer = await api.send("PATCH", path, { spec: { ephemeralContainers: [added] } }, { dryRun: "All" });
    const expected = ["images-pinned", "no-privileged", "no-privilege-escalation", "capabilities-dropped"].sort();
    expect({ status: answer.status, warned: findWarnings(answer) }).toEqual({ status: 403, warned: expected });
  });

  test("a failing expression does not affect the other rules of its policy", async () => {
    const place = `${NAMESPACE}-failing`;
    await namespace(place);
    const failing = [
      ownRule("fails", `variables.pod.containers[7].name == ""`, "It cannot be evaluated."),
      ownRule("holds", "true", "It is never broken."),
      ownRule("breaks", `!has(variables.pod.hostNetwork)`, "The pod is on the network of its node."),
    ];
    const copies = admissionPolicies(failing).map((object) => copyPolicy(object, place, ["Warn"]));
    expect(copies).toHaveLength(2);
    for (const object of copies) await make(object);
    const seen = async (spec: object): Promise<string[]> =>
      (await ask(here(workload("Deployment", podSpec({ ...spec })), place))).warnings.map(
        (text) => /<(\w+)> \d+$/.exec(text)?.[1] ?? (/index out of bounds/.test(text) ? "failed" : text),
      );
    await eventually("the rules hold", 30, async () => (await seen({})).length > 0);
    expect(await seen({})).toEqual(["failed"]);
    expect(await seen({ hostNetwork: true })).toEqual(["failed", "breaks"]);
  });

  test("an object that predates a rule can be labeled, scaled and deleted, but gets no new violations", async () => {
    const never = ownRule("never", "false", "Nothing is allowed.");
    const place = `${NAMESPACE}-before`;
    await namespace(place);
    const old = here(workload("Deployment"), place);
    await make(old);
    for (const object of admissionPolicies([never])) await make(copyPolicy(object, place, ["Deny"]));
    await eventually(
      "the rule holds",
      30,
      async () => (await ask({ ...old, metadata: { ...old.metadata, name: "new" } })).status === 403,
    );
    const path = `${collection(old)}/${old.metadata.name}`;
    const patch = async (body: object): Promise<number> => (await api.send("PATCH", path, body)).status;
    expect(await patch({ metadata: { labels: { team: "edge" } } })).toBe(200);
    expect(await patch({ spec: { replicas: 0 } })).toBe(200);
    expect(await patch({ spec: { template: { spec: { hostNetwork: true } } } })).toBe(403);
    expect((await api.remove(old)).status).toBe(200);
  });
}
