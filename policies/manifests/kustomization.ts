type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const texts = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string");

/** A kustomization's file, by name. */
export const isKustomization = (file: string): boolean => /^kustomization(\.ya?ml)?$/i.test(file);

/**
 * Files that a kustomization takes for something else than an object: patches, which state a part of one, and what
 * generators, transformers and charts read. Relative to the kustomization's folder.
 */
export function piecesOf(kustomization: unknown): string[] {
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
  // An entry may have a key: `settings.yaml=files/production.yaml`.
  const files = texts(generated).map((entry) => entry.slice(entry.indexOf("=") + 1));
  // A patch may stand in the kustomization itself.
  return [...texts([...paths, ...named, ...charts]), ...files].filter((path) => !path.includes("\n"));
}
