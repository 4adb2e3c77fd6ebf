import type { KubeConfig, RequestContext } from "@kubernetes/client-node";

/** Time limit of one request to a Kubernetes API, in ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Loads a kubeconfig whose clients abort requests after a time limit. Without one, a request waits forever for a site whose
 * packets are dropped.
 *
 * @param text the kubeconfig, YAML
 */
export async function loadKubeconfig(text: string, timeoutMs = REQUEST_TIMEOUT_MS): Promise<KubeConfig> {
  // The client is large, so only code that connects to clusters loads it.
  const { KubeConfig: Base } = await import("@kubernetes/client-node");
  class LimitedKubeConfig extends Base {
    // Clients call this for every request.
    override async applySecurityAuthentication(context: RequestContext): Promise<void> {
      await super.applySecurityAuthentication(context);
      context.setSignal(AbortSignal.timeout(timeoutMs));
    }
  }
  const config = new LimitedKubeConfig();
  config.loadFromString(text);
  return config;
}

/** Returns why a request failed, without the wrapping of the HTTP client. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "AbortError" || error.name === "TimeoutError") return "no response";
  const message = error.cause instanceof Error ? error.cause.message : error.message;
  return message.replace(/^request to \S+ failed, reason: /, "");
}

/** Whether a request failed with a response of the API, as opposed to none. */
export const isApiError = (error: unknown): boolean => typeof (error as { readonly code?: unknown }).code === "number";
