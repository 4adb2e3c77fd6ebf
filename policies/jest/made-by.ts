import { ApiObject } from "cdk8s";
import type { IConstruct } from "constructs";

import type { KubeObject } from "../../fleet/kubernetes/object";

const key = (apiVersion: string, kind: string, namespace: string | undefined, name: string | undefined): string =>
  JSON.stringify([apiVersion, kind, namespace ?? "", name ?? ""]);

/** Finds the construct below `root` that makes an object; undefined for an object of somebody else's. */
export function makersBelow(root: IConstruct): (object: KubeObject) => ApiObject | undefined {
  const makers = new Map(
    root.node
      .findAll()
      .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct))
      .map((made) => [key(made.apiVersion, made.kind, made.metadata.namespace, made.name), made]),
  );
  return ({ apiVersion, kind, metadata: { namespace, name } }) => makers.get(key(apiVersion, kind, namespace, name));
}
