import { condensedLength } from '../core/condensed.ts';
import { digestBytes, digestText } from '../core/digest.ts';
import { messageOf } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { BlobCache } from '../formats/source.ts';
import { type EmbeddingRdmOptions, embeddingRdm } from './embedding.ts';
import type { FeatureStream } from './features.ts';
import { bytesOf } from './spilled-features.ts';
import { layOutStages } from './stage-layout.ts';

/** Changes whenever what is stored, or what it means, does. */
const FORMAT = 'hypercolumn unweighted RDM 1';

const DIGEST_LENGTH = 64;

/** How the RDM is computed where the cache has none. */
export interface UnweightedRdmOptions extends EmbeddingRdmOptions {
  readonly onNotice?: OnNotice | undefined;
}

/**
 * 1 - Pearson correlation of images over all features of all stages, none weighed, out of the cache or computed and kept there under the
 * stream's key: some thousand numbers, where pair statistics are some ten million.
 * @param cache where undefined, everything is computed
 * @returns condensed, nPairs
 * @throws as `embeddingRdm` does
 */
export async function unweightedRdm(
  cache: BlobCache | undefined,
  stream: FeatureStream,
  { onNotice, ...options }: UnweightedRdmOptions = {},
): Promise<Float64Array> {
  const compute = () => embeddingRdm(stream, new Float64Array(layOutStages(stream.stages).nChannels).fill(1), options);
  if (cache === undefined) return compute();
  const key = await digestText(JSON.stringify([FORMAT, stream.key]));
  const kept = await readEntry(cache, key, condensedLength(stream.conditions.length));
  if (kept !== undefined) return kept;
  const values = await compute();
  const bytes = bytesOf(values);
  const digest = new TextEncoder().encode(await digestBytes(bytes));
  const store = cache.store(key, bytes.length + digest.length, async (sink) => {
    await sink.write(0, bytes);
    await sink.write(bytes.length, digest);
  });
  await store.catch((error: unknown) => onNotice?.(`cache: an RDM could not be kept, ${messageOf(error)}`));
  return values;
}

/** An entry that cannot be read, is of another size or damaged is none: computing it anew is quick to decide and always right. */
async function readEntry(cache: BlobCache, key: string, nPairs: number): Promise<Float64Array | undefined> {
  try {
    const source = await cache.open(key);
    if (source?.size !== 8 * nPairs + DIGEST_LENGTH) return undefined;
    const bytes = await source.read(0, 8 * nPairs);
    const digest = new TextDecoder().decode(await source.read(8 * nPairs, DIGEST_LENGTH));
    return (await digestBytes(bytes)) === digest ? new Float64Array(new Uint8Array(bytes).buffer) : undefined;
  } catch {
    return undefined;
  }
}
