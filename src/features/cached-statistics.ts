import { digestText } from '../core/digest.ts';
import { messageOf } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { BlobCache } from '../formats/source.ts';
import type { FeatureStream } from './features.ts';
import { type PairStatistics, type PairStatisticsOptions, pairStatistics } from './pair-statistics.ts';
import { checkSameStages } from './scale.ts';
import { pairStatisticsBlob, readPairStatistics, STATISTICS_FORMAT } from './statistics-blob.ts';

/** How pair statistics are computed where the cache has none. */
export interface CachedStatisticsOptions extends PairStatisticsOptions {
  readonly onNotice?: OnNotice | undefined;
}

/**
 * Pair statistics out of the cache, or computed and kept there under the stream's key. They are kept as they are, without scale or mask,
 * which are cheap to apply. An entry that is damaged or of another version is computed anew; one that cannot be kept costs a notice.
 * @param cache where undefined, everything is computed
 * @throws as `pairStatistics` does
 */
export async function cachedPairStatistics(
  cache: BlobCache | undefined,
  stream: FeatureStream,
  { onNotice, ...options }: CachedStatisticsOptions = {},
): Promise<PairStatistics> {
  if (cache === undefined) return pairStatistics(stream, options);
  const { precision = 'float32' } = options;
  const key = await digestText(JSON.stringify([STATISTICS_FORMAT, precision, stream.key]));
  const kept = await readEntry(cache, key, stream, onNotice);
  if (kept !== undefined) return kept;
  const statistics = await pairStatistics(stream, { ...options, precision });
  const { size, fill } = await pairStatisticsBlob(statistics);
  await cache.store(key, size, fill).catch((error: unknown) => {
    onNotice?.(`cache: the pair statistics could not be kept, ${messageOf(error)}`);
  });
  return statistics;
}

async function readEntry(
  cache: BlobCache,
  key: string,
  stream: FeatureStream,
  onNotice: OnNotice | undefined,
): Promise<PairStatistics | undefined> {
  try {
    const source = await cache.open(key);
    if (source === undefined) return undefined;
    const statistics = await readPairStatistics(source);
    checkSameStages(statistics, stream);
    if (statistics.conditions.join('\n') === stream.conditions.join('\n')) return statistics;
    onNotice?.('cache: an entry is of other images; it is computed anew');
  } catch (error) {
    onNotice?.(`cache: an entry cannot be used (${messageOf(error)}); it is computed anew`);
  }
  return undefined;
}
