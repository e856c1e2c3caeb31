import type { StageShape } from '../backbones/backbone.ts';
import { condensedIndex, condensedLength } from '../core/condensed.ts';
import { FormatError, ShapeError, UsageError } from '../core/errors.ts';
import type { OnProgress } from '../core/progress.ts';
import type { OpenScratch } from '../formats/source.ts';
import { type ChannelProducts, plainChannelProducts } from './channel-products.ts';
import type { FeatureStream } from './features.ts';
import { memoryScratch } from './memory-scratch.ts';
import { type SpilledFeatures, spillFeatures } from './spilled-features.ts';
import { type ChannelBlock, channelBlocks, layOutStages, type StageLayout, stageOfChannel } from './stage-layout.ts';

/**
 * All that the Pearson correlation of masked embeddings needs to know of some images' stage features, several hundred times fewer numbers
 * than the features. Channels of all stages are concatenated; nChannels is their number in all.
 *
 * With x_ic the n_c positions of channel c in image i, P_ijc = products_ijc + sums_ic sums_jc / n_c their inner product, and m a mask over
 * channels, covariance_ij = (sum_c m_c^2 P_ijc) - D mu_i mu_j with mu_i = (sum_c m_c sums_ic) / D, D the number of features.
 */
export interface PairStatistics {
  /** Names of the images. */
  readonly conditions: readonly string[];
  readonly stages: readonly StageShape[];
  /**
   * nPairs (i < j, condensed order) x nChannels: sum over positions of (x_ic - mean) (x_jc - mean), each about its own mean over positions.
   * Summed and centred in float64, kept in either precision: uncentred, what is small beside the means would be lost to rounding.
   */
  readonly products: Float32Array | Float64Array;
  /** nImages x nChannels: sum over positions of x_ic^2. */
  readonly energies: Float64Array;
  /** nImages x nChannels: sum over positions of x_ic. */
  readonly sums: Float64Array;
}

/** Precision in which the products of pairs are kept; they are summed in float64 whichever it is. */
export type ProductPrecision = 'float32' | 'float64';

/** How pair statistics are computed. */
export interface PairStatisticsOptions {
  /** Room for all features once, in memory by default. */
  readonly openScratch?: OpenScratch;
  /** `float32` halves the memory and changes a correlation by about 1e-7, also where pattern and mean are weighed apart. */
  readonly precision?: ProductPrecision;
  /** The batched product; plain loops by default, `engineChannelProducts` is some ten times faster. */
  readonly products?: ChannelProducts;
  readonly onProgress?: OnProgress | undefined;
}

// Bounds of what one product takes and gives, in numbers: large enough for the product to run at full speed.
const MAX_ROW_VALUES = 6_000_000;
const MAX_PRODUCT_VALUES = 2_000_000;

/**
 * Pair statistics of a stream of features, with bounded memory: features go to scratch space and come back some channels at a time.
 * Products lie in shared memory where the platform has it, so that threads can read them without a copy.
 * @throws ShapeError where the stream gives other sizes than it declares; UsageError where the result is too large for memory or float32;
 *   FormatError where a feature is NaN or infinite
 */
export async function pairStatistics(
  stream: FeatureStream,
  {
    openScratch = memoryScratch,
    precision = 'float32',
    products: multiply = plainChannelProducts,
    onProgress,
  }: PairStatisticsOptions = {},
): Promise<PairStatistics> {
  const { conditions, stages } = stream;
  const { nChannels } = layOutStages(stages);
  const kept = allocateStatistics(conditions.length, nChannels, precision);
  const { products, energies, sums } = kept;
  const spilled = await spillFeatures(stream, openScratch, (features, image) => {
    addSums(features, stages, sums, image * nChannels);
  });
  try {
    onProgress?.({ phase: 'pair statistics', done: 0, total: nChannels });
    for (const block of channelBlocks(
      spilled.layout,
      Math.floor(MAX_ROW_VALUES / spilled.nImages),
      Math.floor(MAX_PRODUCT_VALUES / spilled.nImages ** 2),
    )) {
      scatter(await blockProducts(spilled, block, multiply), block, conditions.length, nChannels, kept);
      onProgress?.({ phase: 'pair statistics', done: block.firstChannel + block.nChannels, total: nChannels });
    }
  } finally {
    await spilled.dispose();
  }
  checkEnergies(energies, conditions, spilled.layout, precision);
  return { conditions, stages, products, energies, sums };
}

/**
 * Room for the statistics of so many images, zeros.
 * @throws UsageError where there is not so much memory
 */
export function allocateStatistics(
  nImages: number,
  nChannels: number,
  precision: ProductPrecision,
): Pick<PairStatistics, 'products' | 'energies' | 'sums'> {
  const nProducts = condensedLength(nImages) * nChannels;
  try {
    return {
      products:
        precision === 'float32' ? new Float32Array(memory(4 * nProducts)) : new Float64Array(memory(8 * nProducts)),
      energies: new Float64Array(memory(8 * nImages * nChannels)),
      sums: new Float64Array(memory(8 * nImages * nChannels)),
    };
  } catch (error) {
    const gigabytes = ((precision === 'float32' ? 4 : 8) * nProducts) / 1e9;
    throw new UsageError(
      `pair statistics: ${nImages} images with ${nChannels} channels need ${gigabytes.toFixed(1)} GB, more than there is; take fewer images, stages or channels`,
      { cause: error },
    );
  }
}

function memory(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}

function addSums(
  features: readonly Float32Array[],
  stages: readonly StageShape[],
  sums: Float64Array,
  first: number,
): void {
  let at = first;
  stages.forEach(({ channels, height, width }, k) => {
    const values = features[k];
    const nPositions = height * width;
    for (let start = 0; start < channels * nPositions; start += nPositions) {
      let sum = 0;
      for (let p = start; p < start + nPositions; p++) sum += values[p];
      sums[at++] = sum;
    }
  });
}

/** The products of a block's channels, nChannels x nImages x nImages; a channel with very many positions is summed in pieces. */
async function blockProducts(
  spilled: SpilledFeatures,
  { firstFeature, nChannels, nPositions }: ChannelBlock,
  multiply: ChannelProducts,
): Promise<Float64Array> {
  const { nImages } = spilled;
  const most = nChannels > 1 ? nPositions : Math.max(1, Math.floor(MAX_ROW_VALUES / nImages));
  let total: Float64Array | undefined;
  for (let first = 0; first < nPositions; first += most) {
    const piece = Math.min(most, nPositions - first);
    const rows = await spilled.read(firstFeature + first, nChannels, piece);
    const products = await multiply(rows, nChannels, nImages, piece);
    if (total === undefined) total = products;
    else for (let k = 0; k < total.length; k++) total[k] += products[k];
  }
  return total!;
}

/** Puts a block's square products where pairs and images have them: those of pairs centred, those of the diagonal as energies. */
function scatter(
  square: Float64Array,
  { firstChannel, nChannels, nPositions }: ChannelBlock,
  nImages: number,
  nChannelsInAll: number,
  { products, energies, sums }: Pick<PairStatistics, 'products' | 'energies' | 'sums'>,
): void {
  const stride = nImages * nImages;
  let at = firstChannel;
  for (let i = 0; i < nImages; i++) {
    for (let c = 0, from = i * nImages + i; c < nChannels; c++, from += stride) {
      energies[i * nChannelsInAll + firstChannel + c] = square[from];
    }
    for (let j = i + 1; j < nImages; j++, at += nChannelsInAll) {
      const [a, b] = [i * nChannelsInAll + firstChannel, j * nChannelsInAll + firstChannel];
      for (let c = 0, from = i * nImages + j; c < nChannels; c++, from += stride) {
        products[at + c] = square[from] - (sums[a + c] * sums[b + c]) / nPositions;
      }
    }
  }
}

const LARGEST_FLOAT32 = 3.4e38;

function checkEnergies(
  energies: Float64Array,
  conditions: readonly string[],
  layout: StageLayout,
  precision: ProductPrecision,
): void {
  const wrong = energies.findIndex((energy) => !(energy < (precision === 'float32' ? LARGEST_FLOAT32 : Infinity)));
  if (wrong === -1) return;
  const condition = conditions[Math.floor(wrong / layout.nChannels)];
  const stage = stageOfChannel(layout, wrong % layout.nChannels);
  if (Number.isFinite(energies[wrong])) {
    throw new UsageError(
      `pair statistics of ${condition}, stage ${stage}: the features are too large for products in float32; keep them in float64`,
    );
  }
  throw new FormatError(condition, 'expected finite features, got NaN or infinity', `stage ${stage}`);
}

/**
 * Asserts that all parts have the sizes that the conditions and stages say.
 * @throws ShapeError naming the part
 */
export function checkPairStatistics(statistics: PairStatistics): void {
  const { nChannels } = layOutStages(statistics.stages);
  const nImages = statistics.conditions.length;
  const expected = {
    products: condensedLength(nImages) * nChannels,
    energies: nImages * nChannels,
    sums: nImages * nChannels,
  } as const;
  for (const part of ['products', 'energies', 'sums'] as const) {
    if (statistics[part].length !== expected[part]) {
      throw new ShapeError(
        `pair statistics, ${part}: expected ${expected[part]} values for ${nImages} images and ${nChannels} channels, got ${statistics[part].length}`,
      );
    }
  }
}

/**
 * The statistics of some of the images, in the order given.
 * @param images rows of the statistics, each at most once
 * @throws ShapeError where a row is not there or comes twice
 */
export function subsetStatistics(statistics: PairStatistics, images: readonly number[]): PairStatistics {
  const { conditions, stages } = statistics;
  const n = conditions.length;
  const { nChannels } = layOutStages(stages);
  const wrong = images.find((image, k) => !(image in conditions) || images.indexOf(image) !== k);
  if (wrong !== undefined) {
    throw new ShapeError(`subset of ${n} images: expected each row from 0 to ${n - 1} at most once, got ${wrong}`);
  }
  const precision = statistics.products instanceof Float32Array ? 'float32' : 'float64';
  const { products, energies, sums } = allocateStatistics(images.length, nChannels, precision);
  let at = 0;
  images.forEach((image, k) => {
    const row = image * nChannels;
    energies.set(statistics.energies.subarray(row, row + nChannels), k * nChannels);
    sums.set(statistics.sums.subarray(row, row + nChannels), k * nChannels);
    for (let other = k + 1; other < images.length; other++, at += nChannels) {
      const [i, j] = image < images[other] ? [image, images[other]] : [images[other], image];
      const pair = condensedIndex(i, j, n) * nChannels;
      products.set(statistics.products.subarray(pair, pair + nChannels), at);
    }
  });
  return { conditions: images.map((image) => conditions[image]), stages, products, energies, sums };
}
