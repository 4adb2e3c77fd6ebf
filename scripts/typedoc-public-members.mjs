/**
 * TypeDoc plugin that leaves in the reference what users call: no members inherited from a base class, no overridden
 * hooks of a subclass, no return type of a constructor. The parameters of constructors, which Pulumi and cdk8s name by
 * convention, are described once here.
 */
import { Comment, Converter, ReflectionKind } from "typedoc";

const CONVENTIONAL = {
  scope: "Parent of the construct.",
  id: "Id of the construct, unique in its scope.",
  name: "Name of the resource, unique in the stack.",
  args: "Arguments of the component.",
  props: "Properties of the construct.",
  opts: "Options of Pulumi, such as `parent` and `provider`.",
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
      else if (reflection.kindOf(ReflectionKind.CallSignature)) reflection.parameters?.forEach(nameDestructured);
    }
  });
}

/** @param {import("typedoc").DeclarationReflection} reflection */
function describeConstructor(reflection) {
  delete reflection.overwrites;
  for (const signature of reflection.signatures ?? []) {
    delete signature.type;
    delete signature.overwrites;
    for (const parameter of signature.parameters ?? []) {
      nameDestructured(parameter);
      const text = CONVENTIONAL[/** @type {keyof typeof CONVENTIONAL} */ (parameter.name)];
      if (text && !parameter.comment) parameter.comment = new Comment([{ kind: "text", text }]);
    }
  }
}

/**
 * Names a destructured parameter after its type: `FleetOptions` becomes `options`, `Fleet` becomes `fleet`.
 *
 * @param {import("typedoc").ParameterReflection} parameter
 */
function nameDestructured(parameter) {
  if (parameter.name !== "__namedParameters") return;
  const type = parameter.type?.type === "reference" ? parameter.type.name : "props";
  const [, suffix] = /(Props|Args|Options)$/.exec(type) ?? [];
  const name = suffix ?? (type === "Pick" ? parameter.type.typeArguments[0].name : type);
  parameter.name = name[0].toLowerCase() + name.slice(1);
}
