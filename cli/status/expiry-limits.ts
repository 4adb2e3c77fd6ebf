import { daysUntil, MIN_VALID_DAYS } from "../../fleet/certificate-expiry";
import type { ExpiryStatus } from "./report";

/** What to do about each kind. */
export const REMEDIES: Readonly<Record<ExpiryStatus["kind"], string>> = {
  "admin-certificate": "run skerry up",
  "server-certificate": "restart K3s on the servers",
  authority: "rotate the authorities",
  "broker-certificate": "run skerry up",
  "bootstrap-token": "raise joinToken.issue to join more machines",
};

/** Whether a certificate is valid for less than the 30 days that rule `certificates-current` requires. Tokens are meant to expire. */
export const expiresTooSoon = ({ kind, expires }: ExpiryStatus, now: Date): boolean =>
  kind !== "bootstrap-token" && daysUntil(new Date(expires), now) < MIN_VALID_DAYS;
