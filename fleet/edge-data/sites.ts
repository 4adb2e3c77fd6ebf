/** Name of the program, and of its client at the broker of a site. */
export const SITE_SYNC = "site-sync";

/** Name of the cloud where sites are named: `Hub` of `runtime/pkg/sitestate`. */
export const HUB = "cloud";

/** Returns the name of a site's objects, and of its client at the cloud broker. */
export const siteSyncName = (site: string): string => `${SITE_SYNC}-${site}`;

/** Smallest limit of the cloud broker for a message, in KiB: site-sync divides what it sends into messages of 192 KiB. */
export const SYNC_MESSAGE_KIB = 256;
