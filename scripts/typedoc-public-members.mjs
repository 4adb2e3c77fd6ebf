/**
 * TypeDoc plugin that leaves in the reference what users call: no members inherited from a base class, no overridden
 * hooks of a subclass, no return type of a constructor. Parameters whose names mean the same in every function are
 * described once here.
 */
import { Comment, Converter, ReflectionKind } from "typedoc";

const CONVENTIONAL = {
  // Constructors and methods of Pulumi components and cdk8s constructs.
  scope: "Parent of the construct.",
  id: "Id of the construct, unique in its scope.",
  name: "Name of the resource, unique in the stack.",
  args: "Arguments of the component or resource.",
  props: "Properties of the construct.",
  opts: "Options of Pulumi, such as `parent` and `provider`.",
  // Parts of a fleet.
  fleet: "A parsed fleet.",
  cluster: "A cluster of a parsed fleet.",
  pool: "A node pool of a parsed fleet.",
  workload: "A workload of a parsed fleet.",
  broker: "Name of a broker.",
  client: "Name of a client of the broker.",
  // Kubernetes objects.
  object: "A Kubernetes object.",
  manifest: "A Kubernetes object, as in a manifest.",
  steps: "Fields and indexes that lead from the part to a part of it.",
  context: "The object, its pod template and its cluster.",
};

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      const owner = reflection.parent;
      const ofClass = owner?.kindOf?.(ReflectionKind.Class) && !reflection.kindOf(ReflectionKind.Constructor);
      const overridden = reflection.overwrites ?? reflection.signatures?.some((each) => each.overwrites);
      const inherited = reflection.inheritedFrom ?? reflection.signatures?.some((each) => each.inheritedFrom);
      if (ofClass && (inherited || (overridden && reflection.flags.isProtected))) project.removeReflection(reflection);
      else if (reflection.kindOf(ReflectionKind.Constructor)) describeConstructor(reflection);
      else if (reflection.kindOf(ReflectionKind.CallSignature)) reflection.parameters?.forEach(describeParameter);
    }
  });
}

/** @param {import("typedoc").DeclarationReflection} reflection */
function describeConstructor(reflection) {
  delete reflection.overwrites;
  for (const signature of reflection.signatures ?? []) {
    delete signature.type;
    delete signature.overwrites;
    signature.parameters?.forEach(describeParameter);
  }
}

/** @param {import("typedoc").ParameterReflection} parameter */
function describeParameter(parameter) {
  nameDestructured(parameter);
  const name = parameter.name.replace(/^_/, "");
  const text = CONVENTIONAL[/** @type {keyof typeof CONVENTIONAL} */ (name)];
  if (text && !parameter.comment) parameter.comment = new Comment([{ kind: "text", text }]);
}

/**
 * Names a destructured parameter after its type: `RenderOptions` becomes `options`, `ClusterSpec` becomes `cluster`, `NodePoolSpec` becomes `pool`.
 *
 * @param {import("typedoc").ParameterReflection} parameter
 */
function nameDestructured(parameter) {
  if (parameter.name !== "__namedParameters") return;
  const type = parameter.type?.type === "reference" ? parameter.type.name : "props";
  const [, suffix] = /(Props|Args|Options)$/.exec(type) ?? [];
  const whole = type === "Pick" ? parameter.type.typeArguments[0].name : type;
  const name = suffix ?? whole.replace(/^Node(?=Pool)|Spec$/g, "");
  parameter.name = name[0].toLowerCase() + name.slice(1);
}
