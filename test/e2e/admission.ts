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

/** Where only copies of the policies hold that warn, so that one answer shows what every rule says. */
const NAMESPACE = "admission-corpus";
/** Objects that are asked about side by side. */
const AT_ONCE = 8;
/** Kinds that some policy looks at. */
const JUDGED = new Set<string>([...WORKLOAD_KINDS, "ConfigMap"]);

interface PolicyStatus {
  readonly observedGeneration?: number;
  readonly typeChecking?: object;
}

const admitted = rules.filter(isAdmitted);
const policies = admissionPolicies(rules);

const copyName = (name: string, namespace = NAMESPACE): string => name.replace(/^skerry-/, `${namespace}-`);

/** A policy or binding of which nobody but one namespace knows. */
function copied(object: KubeObject, namespace: string, actions: readonly string[]): KubeObject {
  const metadata = { name: copyName(nameOf(object), namespace) };
  const spec = object.spec as { readonly validations: readonly { readonly message: string }[] };
  if (object.kind === "ValidatingAdmissionPolicy") {
    // The API server cuts long warnings short where there are many: only the rule's id is left, between marks.
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

/** Rules that are broken, by the API server's word. */
const warned = ({ warnings }: Answer): string[] =>
  admitted.map(({ id }) => id).filter((id) => warnings.some((text) => text.includes(`<${id}>`)));
/** Rules that are broken, of those that the API server asks about this kind. */
const broken = (object: KubeObject): string[] =>
  admitted
    .filter(({ admission: { kinds } }) => kinds === undefined || kinds.includes(object.kind))
    .filter((rule) => violationsAlone(rule, object).length > 0)
    .map(({ id }) => id);
/** A team's own rule about pods. */
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
/** Whether policies were asked at all: what is malformed is refused before. */
const judged = ({ status, body }: Answer): boolean =>
  status === 201 || (status === 403 && /ValidatingAdmissionPolicy/.test(body.message ?? ""));

/** The API server holds objects to the rules, and finds what the rules find. For a cluster that has the fleet's policies. */
export function describeAdmission(connect: () => KubeConfig, fleet: Fleet): void {
  let api: ApiServer;
  const made: KubeObject[] = [];
  const make = async (object: KubeObject): Promise<void> => {
    await api.made(object);
    made.unshift(object);
  };
  const ask = (object: KubeObject): Promise<Answer> => api.create(object, { dryRun: true });
  const namespace = async (name: string): Promise<void> => {
    await make({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
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
    for (const object of policies) await make(copied(object, NAMESPACE, ["Warn"]));
    for (const { id } of admitted) {
      const { object } = corpus.find((each) => JUDGED.has(each.object.kind) && broken(each.object).includes(id))!;
      await eventually(`${id} holds`, 30, async () => warned(await ask(here(object))).includes(id));
    }
  }, 120_000);
  afterAll(async () => {
    for (const object of made) await api.remove(object);
    await api.close();
  }, 60_000);

  test("over the whole corpus, the API server's verdict is the rule's", async () => {
    const differ: object[] = [];
    let count = 0;
    const compare = async ({ title, object }: (typeof corpus)[number]): Promise<void> => {
      const asked = here(object);
      const answer = await ask(asked);
      if (!judged(answer)) {
        // Refused without any policy: then a rule that has no policy for this very reason has to find it too.
        const found = rules.some((rule) => violationsAlone(rule, asked).length > 0);
        if (!found || answer.status >= 500) differ.push({ title, status: answer.status, message: answer.body.message });
        return;
      }
      count += 1;
      const [theirs, ours] = [warned(answer), broken(asked)];
      if (theirs.join() !== ours.join()) differ.push({ title, theirs, ours });
    };
    const asked = corpus.filter((each) => JUDGED.has(each.object.kind));
    for (let i = 0; i < asked.length; i += AT_ONCE) await Promise.all(asked.slice(i, i + AT_ONCE).map(compare));
    expect(differ).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(400);
  });

  test("the API server finds nothing to say about the expressions' types", async () => {
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

  test("a ConfigMap as large as may be costs no more than a policy may", async () => {
    const line =
      "see https://example.com/a and eyJhbGciOiJub25lIn0.eyJ -----BEGIN CERTIFICATE AKIA ghp_ xox npm_ hvs. pul-\n";
    const text = line.repeat(Math.floor(1_040_000 / line.length));
    for (const key of ["notes.txt", "mosquitto.conf"]) {
      const answer = await ask(here(configMap({ [key]: text })));
      expect({ key, status: answer.status, message: answer.body.message, warned: warned(answer) }).toEqual({
        key,
        status: 201,
        message: undefined,
        warned: [],
      });
    }
  });

  test("a Deployment with hundreds of containers costs no more than its policies may", async () => {
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

  test("what breaks a rule is refused, in the rule's words", async () => {
    const latest = workload("Deployment", podSpec({ containers: [container({ image: "nginx:latest" })] }));
    const { status, body } = await api.create(here(latest, "default"));
    expect(status).toBe(403);
    const { admission, remedy } = admitted.find(({ id }) => id === "images-pinned")!;
    expect(body.message).toContain("'skerry-pods-error'");
    expect(body.message).toContain(`images-pinned: ${admission.validations[0]!.message} ${remedy}`);
  });

  test("what only deserves a warning is taken, with a warning", async () => {
    const silent = workload("Deployment", podSpec({ containers: [container({ livenessProbe: null })] }));
    const { status, warnings } = await ask(here(silent, "default"));
    expect({ status, warnings }).toEqual({ status: 201, warnings: [expect.stringContaining(": probes: ")] });
  });

  test("the cluster's own namespaces are left alone", async () => {
    const privileged = workload("Pod", podSpec({ containers: [container({ securityContext: { privileged: true } })] }));
    expect((await ask(here(privileged, "kube-system"))).status).toBe(201);
    expect((await ask(here(privileged, "default"))).status).toBe(403);
  });

  test("everything that the fleet renders is taken without a word", async () => {
    const objects = renderFleet(fleet)
      .flatMap((cluster) => cluster.objects)
      .filter(({ kind }) => JUDGED.has(kind));
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

  test("a container that is added to a running pod is held to the rules", async () => {
    const pod = here(workload("Pod"));
    await make(pod);
    const path = `${collection(pod)}/${pod.metadata.name}/ephemeralcontainers`;
    const added = { name: "look", image: "busybox", securityContext: { privileged: true } };
    const answer = await api.send("PATCH", path, { spec: { ephemeralContainers: [added] } }, { dryRun: "All" });
    const expected = ["images-pinned", "no-privileged", "no-privilege-escalation", "capabilities-dropped"].sort();
    expect({ status: answer.status, warned: warned(answer) }).toEqual({ status: 403, warned: expected });
  });

  test("a rule whose expression fails leaves the verdicts of the rules in its policy alone", async () => {
    const place = `${NAMESPACE}-failing`;
    await namespace(place);
    const failing = [
      ownRule("fails", `variables.pod.containers[7].name == ""`, "It cannot be evaluated."),
      ownRule("holds", "true", "It is never broken."),
      ownRule("breaks", `!has(variables.pod.hostNetwork)`, "The pod is on the network of its node."),
    ];
    const copies = admissionPolicies(failing).map((object) => copied(object, place, ["Warn"]));
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

  test("what was there before a rule can be labelled, scaled and removed, but not changed for the worse", async () => {
    const never = ownRule("never", "false", "Nothing is allowed.");
    const place = `${NAMESPACE}-before`;
    await namespace(place);
    const old = here(workload("Deployment"), place);
    await make(old);
    for (const object of admissionPolicies([never])) await make(copied(object, place, ["Deny"]));
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
