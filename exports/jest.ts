/**
 * Matchers for tests of placement and policy, and Pulumi mocks for tests of programs. Importing this module adds the matchers to
 * Jest's `expect`.
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
export {
  type MockedResource,
  type MockOutputs,
  type MockResult,
  SkerryMocks,
  type SkerryMocksOptions,
} from "../components/mocks";
