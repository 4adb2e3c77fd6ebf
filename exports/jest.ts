/**
 * Matchers for tests of placement and policy. Importing this adds them to Jest's `expect`.
 *
 * @packageDocumentation
 */
export {
  type Compliance,
  type Domain,
  type Judgeable,
  type Meant,
  type RenderedObjects,
  type SkerryMatchers,
  skerryMatchers,
  type Surroundings,
  type TolerateTaint,
} from "../policies/jest";
