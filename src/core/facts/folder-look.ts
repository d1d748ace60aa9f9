/**
 * A folder as the search for inputs shows it to formats and families, which say what they see in it. The search keeps
 * the bounds: what it may not read any more looks empty.
 */
export interface FolderLook extends FolderView {
  inside(name: string): Promise<FolderLook>;
  /** The last 64 KiB of a file as Latin-1. Never throws. */
  tail(name: string): Promise<string>;
}

/** What annotation formats look at. */
export interface FolderView {
  /** Absolute. */
  readonly path: string;
  /** Names of its files in code-unit order, without hidden ones and those of other tools. */
  readonly files: readonly string[];
  /** Names of its folders in code-unit order; hidden ones, packages and links are left out. */
  readonly folders: readonly string[];
  /** A folder of it. */
  inside(name: string): Promise<FolderView>;
  /** The first bytes of a file as lenient UTF-8, without a byte order mark; default 64 KiB. Never throws. */
  head(name: string, numBytes?: number): Promise<string>;
}
