type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const texts = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string");

/** Whether a file name is that of a kustomization. */
export const isKustomization = (file: string): boolean => /^kustomization(\.ya?ml)?$/i.test(file);

/**
 * Returns the files that a kustomization uses but that are not complete objects: patches, and the inputs of generators,
 * transformers and charts. Paths are relative to the kustomization's folder.
 */
export function kustomizationParts(kustomization: unknown): string[] {
  if (!isFields(kustomization)) return [];
  const { patches, patchesJson6902, patchesStrategicMerge, replacements, helmCharts, openapi } = kustomization;
  const { configurations, generators, transformers, validators } = kustomization;
  const paths = [patches, patchesJson6902, replacements, openapi].flatMap((each) =>
    [each].flat().flatMap((entry) => (isFields(entry) ? [entry.path] : [])),
  );
  const named = [configurations, generators, transformers, validators, patchesStrategicMerge].flatMap(list);
  const charts = list(helmCharts).flatMap((chart) =>
    isFields(chart) ? [chart.valuesFile, ...list(chart.additionalValuesFiles)] : [],
  );
  const generated = [kustomization.configMapGenerator, kustomization.secretGenerator]
    .flatMap(list)
    .flatMap((each) => (isFields(each) ? [...list(each.files), ...list(each.envs), each.env] : []));
  // Entries may have a key: `settings.yaml=files/production.yaml`.
  const files = texts(generated).map((entry) => entry.slice(entry.indexOf("=") + 1));
  // A patch may be inline; inline patches span several lines.
  return [...texts([...paths, ...named, ...charts]), ...files].filter((path) => !path.includes("\n"));
}
