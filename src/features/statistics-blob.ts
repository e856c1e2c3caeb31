import type { StageShape } from '../backbones/backbone.ts';
import { condensedLength } from '../core/condensed.ts';
import { digestChunks } from '../core/digest.ts';
import { FormatError } from '../core/errors.ts';
import { openSafetensors } from '../formats/safetensors.ts';
import { layOutSafetensors } from '../formats/safetensors-write.ts';
import type { Sink, Source } from '../formats/source.ts';
import { allocateStatistics, checkPairStatistics, type PairStatistics } from './pair-statistics.ts';
import { bytesOf } from './spilled-features.ts';
import { layOutStages } from './stage-layout.ts';

/** Changes whenever what is stored, or what it means, does. */
export const STATISTICS_FORMAT = 'hypercolumn pair statistics 2';

const PARTS = ['products', 'energies', 'sums'] as const;
// Bytes that are copied at once out of and into shared memory, which neither files nor WebCrypto take.
const PIECE = 1 << 23;

/** Pair statistics as bytes: a .safetensors file with `products`, `energies` and `sums`, and a digest of them in its metadata. */
export async function pairStatisticsBlob(
  statistics: PairStatistics,
): Promise<{ size: number; fill: (sink: Sink) => Promise<void> }> {
  checkPairStatistics(statistics);
  const { conditions, stages, products } = statistics;
  const { nChannels } = layOutStages(stages);
  const n = conditions.length;
  const { header, offsets, size } = layOutSafetensors(
    [
      { name: 'products', dtype: precisionOf(products), shape: [condensedLength(n), nChannels] },
      { name: 'energies', dtype: 'float64', shape: [n, nChannels] },
      { name: 'sums', dtype: 'float64', shape: [n, nChannels] },
    ],
    {
      format: STATISTICS_FORMAT,
      names: JSON.stringify(conditions),
      stages: JSON.stringify(stages),
      digest: await digestOf(statistics),
    },
  );
  return {
    size,
    async fill(sink) {
      await sink.write(0, header);
      for (const part of PARTS) {
        const bytes = bytesOf(statistics[part]);
        for (let at = 0; at < bytes.length; at += PIECE) {
          await sink.write(offsets.get(part)! + at, bytes.slice(at, at + PIECE));
        }
      }
    },
  };
}

/**
 * Reads back what `pairStatisticsBlob` gave, into memory that threads share.
 * @throws FormatError where the bytes are something else, of another version, or damaged
 */
export async function readPairStatistics(source: Source): Promise<PairStatistics> {
  const { entries, metadata } = await openSafetensors(source);
  if (metadata['format'] !== STATISTICS_FORMAT) {
    throw new FormatError(source.name, `expected ${STATISTICS_FORMAT}, got ${metadata['format'] ?? 'another file'}`);
  }
  const [conditions, stages] = [metadata['names'], metadata['stages']].map((text) => parse(source.name, text));
  if (!isTexts(conditions) || !isStages(stages)) throw new FormatError(source.name, 'expected names and stages');
  const dtype = entries.find(({ name }) => name === 'products')?.dtype;
  if (dtype !== 'float32' && dtype !== 'float64') throw new FormatError(source.name, 'expected products');
  // The file's size bounds what is allocated: a layout other than that of its own header is refused first.
  const layout = layOutSafetensors(
    [
      { name: 'products', dtype, shape: [condensedLength(conditions.length), layOutStages(stages).nChannels] },
      { name: 'energies', dtype: 'float64', shape: [conditions.length, layOutStages(stages).nChannels] },
      { name: 'sums', dtype: 'float64', shape: [conditions.length, layOutStages(stages).nChannels] },
    ],
    metadata,
  );
  if (layout.size !== source.size) {
    throw new FormatError(source.name, `expected ${layout.size} bytes, the file has ${source.size}`);
  }
  const parts = allocateStatistics(conditions.length, layOutStages(stages).nChannels, dtype);
  for (const part of PARTS) {
    const bytes = bytesOf(parts[part]);
    const offset = layout.offsets.get(part)!;
    for (let at = 0; at < bytes.length; at += PIECE) {
      bytes.set(await source.read(offset + at, Math.min(PIECE, bytes.length - at)), at);
    }
  }
  const statistics = { conditions, stages, ...parts };
  if ((await digestOf(statistics)) !== metadata['digest']) {
    throw new FormatError(source.name, 'the statistics are damaged: their digest is another');
  }
  return statistics;
}

/** One digest of all numbers, part after part. */
function digestOf(statistics: Pick<PairStatistics, (typeof PARTS)[number]>): Promise<string> {
  const views = PARTS.map((part) => bytesOf(statistics[part]));
  return digestChunks({
    size: views.reduce((size, { length }) => size + length, 0),
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let begin = 0;
      for (const view of views) {
        const [from, to] = [Math.max(offset, begin), Math.min(offset + length, begin + view.length)];
        if (from < to) bytes.set(view.subarray(from - begin, to - begin), from - offset);
        begin += view.length;
      }
      return bytes;
    },
  });
}

function precisionOf(products: Float32Array | Float64Array): 'float32' | 'float64' {
  return products instanceof Float32Array ? 'float32' : 'float64';
}

function parse(path: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw new FormatError(path, 'expected names and stages as JSON', 'metadata', { cause });
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isStages(value: unknown): value is StageShape[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item: Partial<StageShape> | null) =>
        typeof item?.name === 'string' &&
        [item.channels, item.height, item.width].every((size) => Number.isSafeInteger(size) && size! >= 1),
    )
  );
}
