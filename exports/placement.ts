/**
 * Constructs that state where a workload's pods belong.
 *
 * @packageDocumentation
 */
export { type FleetScope, placeIn } from "../placement/fleet-scope";
