import { ApiObject } from "cdk8s";
import type { IConstruct } from "constructs";

import type { KubeObject } from "../fleet/kubernetes/object";

const key = (apiVersion: string, kind: string, namespace: string | undefined, name: string | undefined): string =>
  JSON.stringify([apiVersion, kind, namespace ?? "", name ?? ""]);

/** Returns a function that finds the construct below `root` that created an object; undefined for other objects. */
export function makersBelow(root: IConstruct): (object: KubeObject) => ApiObject | undefined {
  const constructs = new Map(
    root.node
      .findAll()
      .filter((construct): construct is ApiObject => ApiObject.isApiObject(construct))
      .map((object) => [key(object.apiVersion, object.kind, object.metadata.namespace, object.name), object]),
  );
  return ({ apiVersion, kind, metadata: { namespace, name } }) =>
    constructs.get(key(apiVersion, kind, namespace, name));
}
