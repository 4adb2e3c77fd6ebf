/**
 * Matchers for tests of placement and policy. Importing this adds them to Jest's `expect`.
 *
 * @packageDocumentation
 */
export {
  type Compliance,
  type Domain,
  type Judgeable,
  type WorkloadOptions,
  type RenderedObjects,
  type SkerryMatchers,
  skerryMatchers,
  type ClusterContext,
  type TolerateTaint,
} from "../policies/jest";
