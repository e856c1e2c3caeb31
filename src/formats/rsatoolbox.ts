import type { Entry, OpenedFile } from './array.ts';

/** The entry that holds an rsatoolbox file's RDMs, nRdms x nPairs (i < j, row-major). */
export const RSATOOLBOX_RDMS = 'dissimilarities';

const OF_PATTERNS = 'pattern_descriptors/';

/** What descriptors that tell conditions apart are called, in order of preference. */
const USUAL_NAMES = ['name', 'names', 'stimulus', 'stimuli', 'image', 'images', 'condition', 'conditions', 'conds'];

/**
 * Whether a file is one of RDMs as rsatoolbox saves them.
 * @source rsatoolbox 0.3.0, RDMs.save
 */
export function isRsatoolboxFile({ format, entries }: OpenedFile): boolean {
  return (
    format === 'hdf5' &&
    entries.some(({ name, shape }) => name === RSATOOLBOX_RDMS && shape.length === 2) &&
    entries.some(({ name }) => name.startsWith(OF_PATTERNS))
  );
}

/**
 * Names of the conditions in an rsatoolbox file: the descriptor of its patterns that is text and has another value for each, the one with a
 * usual name where there are several; null where there is none, or several without a usual name.
 */
export async function rsatoolboxNames(file: OpenedFile): Promise<readonly string[] | null> {
  const candidates: { readonly entry: Entry; readonly names: readonly string[] }[] = [];
  for (const entry of file.entries) {
    if (!entry.name.startsWith(OF_PATTERNS) || entry.dtype !== 'text') continue;
    const value = await file.read(entry.name);
    if (value.kind === 'text' && new Set(value.data).size === value.data.length) {
      candidates.push({ entry, names: value.data });
    }
  }
  const usual = USUAL_NAMES.map((name) => candidates.find(({ entry }) => entry.name === `${OF_PATTERNS}${name}`));
  const chosen = usual.find((found) => found !== undefined) ?? (candidates.length === 1 ? candidates[0] : undefined);
  return chosen?.names ?? null;
}
