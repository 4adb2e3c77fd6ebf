/** A StatefulSet's revision label adds eleven characters to its name and has at most 63. */
export const MAX_NAME_LENGTH = 52;

/** X.509 limits a common name, which is the user name in access lists, to 64 characters. */
export const MAX_USER_LENGTH = 64;
