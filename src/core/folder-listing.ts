/** Names of what lies in a folder. */
export interface FolderListing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** What lies in a folder; undefined where there is none that can be read. */
export type ListFolder = (path: string) => Promise<FolderListing | undefined>;
