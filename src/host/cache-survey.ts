import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheContents } from './cache.ts';
import { chooseCacheLimit } from './cache-folder.ts';
import { weightsFolder } from './download.ts';

/** A file in the cache folder's weights: complete, or `.part` of a download that broke off. */
export interface WeightsEntry {
  readonly file: string;
  readonly bytes: number;
}

/** All that a cache folder holds. */
export interface CacheSurvey {
  readonly folder: string;
  /** Entries of computed results and their bytes; bounded by `limit`. */
  readonly entries: number;
  readonly bytes: number;
  readonly limit: number;
  /** Downloads; not bounded, since nobody wants them twice. */
  readonly weights: readonly WeightsEntry[];
}

/** Looks at a cache folder; one that is not there is empty. */
export async function surveyCache(folder: string): Promise<CacheSurvey> {
  return {
    folder,
    ...(await cacheContents(folder)),
    limit: chooseCacheLimit(),
    weights: await listWeights(folder),
  };
}

/**
 * Removes downloaded weights and parts of them, but not files of other kinds that lie beside them.
 * @returns what was removed
 */
export async function clearWeights(folder: string): Promise<WeightsEntry[]> {
  const weights = await listWeights(folder);
  for (const { file } of weights) await rm(join(weightsFolder(folder), file), { force: true });
  return weights;
}

async function listWeights(folder: string): Promise<WeightsEntry[]> {
  const names = await readdir(weightsFolder(folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const entries: WeightsEntry[] = [];
  for (const file of names.sort()) {
    if (!/\.(pth|safetensors)(\.part(\.json)?)?$/.test(file)) continue;
    const status = await stat(join(weightsFolder(folder), file)).catch(() => undefined);
    if (status?.isFile()) entries.push({ file, bytes: status.size });
  }
  return entries;
}

/** `1.5 GiB`, for people. */
export function describeBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
