/**
 * Matchers for tests of placement and policy. Importing this module adds them to Jest's `expect`.
 *
 * @packageDocumentation
 */
export {
  type ClusterContext,
  type Compliance,
  type Domain,
  type ObjectsUnderTest,
  type RenderedObjects,
  type SkerryMatchers,
  skerryMatchers,
  type TolerateTaint,
  type WorkloadOptions,
} from "../policies/jest";
