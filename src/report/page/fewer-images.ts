import { condensedSubset } from '../../core/condensed.ts';
import type { ScoredSet } from '../../study/scoring/scored-set.ts';
import { countText } from './words.ts';

/** A scored set with so many of its images, and the sentence that says so. */
export interface FewerImages {
  readonly set: ScoredSet;
  readonly shortened: string | null;
}

/**
 * A scored set's images at even steps, `most` of them, for what a page shows of single pairs. Scores stay those of all images.
 * @param most at least 2
 */
export function withFewerImages(set: ScoredSet, most: number): FewerImages {
  const n = set.conditions.length;
  if (n <= most) return { set, shortened: null };
  const shown = Array.from({ length: most }, (_, k) => Math.floor((k * n) / most));
  return {
    set: inOrder(set, shown),
    shortened: `To keep this page small, matrices, map and pairs show ${countText(most, 'image')} of ${n.toLocaleString('en')}, at even steps; scores are of all.`,
  };
}

/** A scored set's images in another order, or some of them. */
export function inOrder(set: ScoredSet, order: readonly number[]): ScoredSet {
  const { conditions, labels, predicted, stageParts, measured, rivals, thumbnails } = set;
  const n = conditions.length;
  const picked = (values: Float64Array) => condensedSubset(values, n, order);
  const rowsOf = <T extends Uint8Array | Uint32Array>(values: T, fill: T): T => {
    const size = values.length / n;
    order.forEach((row, k) => {
      fill.set(values.subarray(row * size, (row + 1) * size), k * size);
    });
    return fill;
  };
  return {
    ...set,
    conditions: order.map((row) => conditions[row]),
    labels: labels && order.map((row) => labels[row]),
    predicted: picked(predicted),
    stageParts: stageParts && pickedParts(stageParts, predicted.length, picked),
    measured: { mean: picked(measured.mean), sd: measured.sd && picked(measured.sd) },
    rivals: rivals.map((rival) => ({ ...rival, values: picked(rival.values) })),
    thumbnails: {
      pixels: rowsOf(thumbnails.pixels, new Uint8Array((thumbnails.pixels.length / n) * order.length)),
      sizes: rowsOf(thumbnails.sizes, new Uint32Array((thumbnails.sizes.length / n) * order.length)),
    },
  };
}

function pickedParts(
  parts: Float64Array,
  nPairs: number,
  picked: (values: Float64Array) => Float64Array,
): Float64Array {
  const stages = Array.from({ length: parts.length / nPairs }, (_, k) =>
    picked(parts.subarray(k * nPairs, (k + 1) * nPairs)),
  );
  const all = new Float64Array(stages.reduce((sum, { length }) => sum + length, 0));
  stages.forEach((values, k) => {
    all.set(values, k * values.length);
  });
  return all;
}
