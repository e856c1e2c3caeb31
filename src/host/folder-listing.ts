import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderListing } from '../core/folder-listing.ts';
import { compareNaturally } from '../images/natural-order.ts';

/**
 * What lies in a folder, links followed and hidden entries passed over; undefined where there is no folder that can be read.
 * Names in natural order.
 */
export async function listFolder(path: string): Promise<FolderListing | undefined> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return undefined;
  const listing = { files: [] as string[], folders: [] as string[] };
  for (const entry of entries.sort((a, b) => compareNaturally(a.name, b.name))) {
    if (entry.name.startsWith('.')) continue;
    const kind = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) listing.folders.push(entry.name);
    else if (kind?.isFile()) listing.files.push(entry.name);
  }
  return listing;
}
