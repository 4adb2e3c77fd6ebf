import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest, RegisterResourceResponse } from "@pulumi/pulumi/proto/resource_pb";
import { disconnect, getMonitor } from "@pulumi/pulumi/runtime/settings";

import { attributesOf, idOf } from "./attributes";
import { callAws } from "./invokes";

type Inputs = Readonly<Record<string, any>>;

/** A resource as the program registered it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** Inputs without the wrappers of secrets. */
  readonly inputs: Readonly<Record<string, any>>;
  /** Outputs that the program may use, besides the inputs. */
  readonly attributes: Readonly<Record<string, any>>;
  /** Name of its parent; empty for a resource of the stack. */
  readonly parent: string;
  /** AWS region of its provider. Undefined for resources of other clouds. */
  readonly region?: string;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Names of the inputs that are secret. */
  readonly secrets: readonly string[];
}

const SECRET = "4dabf18193072939515e22adb298388d";

const isSecret = (value: unknown): value is { readonly value: unknown } =>
  typeof value === "object" && value !== null && SECRET in value;

function unwrap(value: unknown): unknown {
  if (isSecret(value)) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unwrap(each)]));
  }
  return value;
}

/** Records what a program registers, in the order of its dependencies. A type without a mock throws. */
export class Recording {
  readonly resources: Recorded[] = [];
  /** Names by URN. */
  private readonly names = new Map<string, string>();

  /** Runs a program against a recording instead of Pulumi's engine, and waits until everything is registered. */
  static async of(stack: string, program: () => void): Promise<Recording> {
    const recording = new Recording();
    const mocks: pulumi.runtime.Mocks = {
      newResource: (resource) => {
        const { type, name, inputs, provider } = resource;
        const outputs = attributesOf({ ...resource, inputs: unwrap(inputs) as Inputs }, regionOf(provider));
        return { id: idOf(type, name), state: { ...(inputs as object), ...outputs } };
      },
      call: ({ token, inputs, provider }) => callAws(token, inputs as Inputs, regionOf(provider)),
    };
    await pulumi.runtime.setMocks(mocks, "skerry", stack);
    recording.listen();
    program();
    await disconnect();
    return recording;
  }

  /** Returns the resources of a type. */
  ofType(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** Mocks see neither the parent nor the options of a resource, so read them from the request. */
  private listen(): void {
    const monitor = getMonitor() as unknown as MockMonitor;
    monitor.close = () => undefined;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) =>
      register(request, (error, response) => {
        if (response) this.record(request, response);
        callback(error, response);
      });
  }

  private record(request: RegisterResourceRequest, response: RegisterResourceResponse): void {
    const [type, name, urn, provider] = [
      request.getType(),
      request.getName(),
      response.getUrn(),
      request.getProvider(),
    ];
    const raw = (request.getObject()?.toJavaScript() ?? {}) as Inputs;
    const inputs = unwrap(raw) as Inputs;
    const region = type.startsWith("aws:") ? regionOf(provider) : undefined;
    this.names.set(urn, name);
    this.resources.push({
      type,
      name,
      id: response.getId(),
      inputs,
      attributes: attributesOf({ type, name, inputs, custom: request.getCustom() }, region),
      parent: this.names.get(request.getParent()) ?? "",
      ...(region !== undefined && { region }),
      protect: request.getProtect() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      secrets: Object.keys(raw).filter((key) => isSecret(raw[key])),
    });
  }
}

/** What is used of Pulumi's own mock of the engine. */
interface MockMonitor {
  close: () => void;
  registerResource: (
    request: RegisterResourceRequest,
    callback: (error: unknown, response: RegisterResourceResponse | undefined) => void,
  ) => Promise<void>;
}

/** Returns the region of a provider that is named after it. */
function regionOf(provider: string | undefined): string | undefined {
  return /::aws-([a-z0-9-]+)::/.exec(provider ?? "")?.[1];
}
