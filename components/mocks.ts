import type * as pulumi from "@pulumi/pulumi";

import { SERVER_TLS_FILES } from "../fleet/k3s/authority";

/** A resource that a program under test registers. Pulumi wraps secret inputs. */
export interface MockedResource extends Omit<pulumi.runtime.MockResourceArgs, "inputs"> {
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * Returns the outputs of a resource, in addition to its inputs.
 *
 * @param resource the resource
 */
export type MockOutputs = (resource: MockedResource) => object;

/**
 * Returns the result of a provider's function.
 *
 * @param call the call with its inputs
 */
export type MockResult = (call: pulumi.runtime.MockCallArgs) => Record<string, unknown>;

const none: MockOutputs = () => ({});

/** Outputs of Skerry's own resources, by the last part of their type. */
const dynamicOutputs: Readonly<Record<string, MockOutputs>> = {
  "clusters:ActiveServerToken": ({ name }) => ({ token: `server-token-of-${name}` }),
  "clusters:AdminCertificate": () => ({ certificate: "certificate", key: "key" }),
  "clusters:AgentRelease": ({ inputs }) => ({ installed: inputs.release }),
  "clusters:Authority": ({ name }) => ({
    files: Object.fromEntries(SERVER_TLS_FILES.map((path) => [path, `${path} of ${name}`])),
    rootCertificate: `root certificate of ${name}`,
    rootKey: `root key of ${name}`,
    intermediateKey: `intermediate key of ${name}`,
  }),
  "clusters:JoinToken": ({ name }) => ({
    token: `join-token-of-${name}`,
    tokenId: "abc123",
    expires: "2100-01-01T00:00:00Z",
  }),
  "clusters:Restoration": none,
  "clusters:ServerMembership": ({ name }) => ({ nodeUid: `node-uid-of-${name}`, clusterUid: "cluster-uid" }),
  "clusters:ServerSet": none,
  "clusters:Tokens": ({ name }) => ({
    serverToken: `server-token-of-${name}`,
    agentToken: `agent-token-of-${name}`,
    retiredServerTokens: [],
  }),
  "clusters:UpgradePreflight": none,
  "clusters:UpgradeWave": none,
  "existing:ClusterIdentity": ({ name }) => ({ owner: `owner-of-${name}` }),
  "existing:ClusterOwnership": none,
  "lab:Address": () => ({ host: "127.9.0.1" }),
  "lab:MachineGroup": () => ({ hostnames: [] }),
  "lab:ParameterFolder": none,
  "lab:Parameters": none,
  "lab:Server": none,
  "mqtt:Certificates": () => ({ authority: "certificate authority", issued: {} }),
};

/** Outputs of the resources that Skerry's components create outside of clouds, by type. */
const skerryOutputs: Readonly<Record<string, MockOutputs>> = {
  ...Object.fromEntries(
    Object.entries(dynamicOutputs).map(([type, outputs]) => [`pulumi-nodejs:dynamic/${type}`, outputs]),
  ),
  "pulumi:index:Stash": none,
  "pulumi:providers:kubernetes": none,
};

/** Options of {@link SkerryMocks}. */
export interface SkerryMocksOptions {
  /** Outputs of further resources, or other outputs of Skerry's, by type. @default {} */
  readonly outputs?: Readonly<Record<string, MockOutputs>>;
  /** Results of functions of providers, by token. @default {} */
  readonly calls?: Readonly<Record<string, MockResult>>;
}

/**
 * Pulumi mocks for tests of programs with Skerry's components: `pulumi.runtime.setMocks(new SkerryMocks(), project, stack)`.
 *
 * They know Skerry's own resources, Kubernetes objects and components. Any other resource, such as that of a cloud, throws
 * unless the options have its outputs, so that a test notices what it did not expect.
 */
export class SkerryMocks implements pulumi.runtime.Mocks {
  /** The registered resources, in this order. */
  readonly resources: MockedResource[] = [];
  private readonly outputs: Readonly<Record<string, MockOutputs>>;
  private readonly calls: Readonly<Record<string, MockResult>>;

  /** @param options what the mocks know in addition to Skerry's resources */
  constructor(options: SkerryMocksOptions = {}) {
    const { outputs = {}, calls = {} } = options;
    this.outputs = { ...skerryOutputs, ...outputs };
    this.calls = calls;
  }

  /**
   * Pulumi calls it for each resource.
   *
   * @param resource the resource
   */
  newResource(resource: MockedResource): pulumi.runtime.MockResourceResult {
    const { name, inputs } = resource;
    const outputs = this.outputsOf(resource);
    this.resources.push(resource);
    return { id: resource.id || `${name}-id`, state: { ...inputs, ...outputs } };
  }

  /**
   * Pulumi calls it for each call of a provider's function.
   *
   * @param call the call
   */
  call(call: pulumi.runtime.MockCallArgs): Record<string, unknown> {
    const result = this.calls[call.token];
    if (!result) throw new Error(`no mock for a call of ${call.token}: add it to calls of SkerryMocks`);
    return result(call);
  }

  /**
   * Returns the outputs of a resource, in addition to its inputs.
   *
   * @param resource the resource
   * @throws Error if its type is unknown
   */
  outputsOf(resource: MockedResource): object {
    const { type, custom } = resource;
    const outputs = this.outputs[type] ?? (custom === false || type.startsWith("kubernetes:") ? none : undefined);
    if (!outputs) throw new Error(`no mock for ${type}: add it to outputs of SkerryMocks`);
    return outputs(resource);
  }
}
