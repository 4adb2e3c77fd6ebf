import * as pulumi from "@pulumi/pulumi";

/**
 * Separates the dependencies of a component from its other options, so that its children can depend on them instead.
 *
 * With `--continue-on-error`, Pulumi's engine skips resources whose dependencies failed. If it skips a component, the
 * component's `registerOutputs` fails and aborts the whole update, including other clusters. A component must therefore
 * depend on nothing.
 */
export function separateDependencies({ dependsOn, ...own }: pulumi.ComponentResourceOptions): {
  readonly own: pulumi.ComponentResourceOptions;
  readonly dependencies: Pick<pulumi.CustomResourceOptions, "dependsOn">;
} {
  return { own, dependencies: dependsOn === undefined ? {} : { dependsOn } };
}

/** Returns an output that resolves once resources were created or failed, and that does not depend on them. */
export function waitFor(resources: readonly pulumi.Resource[], output: pulumi.Output<string>): pulumi.Output<string> {
  const settled = resources.map(({ urn }) => new Promise<void>((resolve) => void urn.apply(() => resolve())));
  return pulumi.all([output, Promise.all(settled)]).apply(([value]) => value);
}
