/** Labels by which the pods of a workload are found. */
export const workloadSelector = (name: string): Record<string, string> => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/component": "workload",
});
