/** By what it is seen, without reading it, that a file has changed. */
export interface FileStamp {
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, ms since 1970, with fractions. */
  readonly mtimeMs: number;
}
