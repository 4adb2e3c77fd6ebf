/**
 * The field manager of every object that Skerry applies. By default, Pulumi's provider generates a name for each object
 * and stores it in the state. If an update ends between creating an object and recording it, the next update would
 * conflict with the lost name.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
 */
export const FIELD_MANAGER = "skerry";

/** The part of an object that lists its field managers. */
interface Managed {
  readonly metadata?: {
    readonly managedFields?: readonly { readonly manager?: string; readonly operation?: string }[];
  };
}

/** Reports whether Skerry applied an object. */
export const isAppliedBySkerry = (object: object): boolean =>
  (object as Managed).metadata?.managedFields?.some(
    ({ manager, operation }) => manager === FIELD_MANAGER && operation === "Apply",
  ) ?? false;
