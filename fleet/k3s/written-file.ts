/** A file that cloud-init writes with owner root. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string;
  /** @default "0600" */
  readonly permissions?: string;
  /** Encoding of `content`, for cloud-init. @default - none: plain text */
  readonly encoding?: "gz+b64";
}
