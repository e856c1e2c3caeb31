import type { SetSummary } from './set-summary.ts';

/** How far single fits' scores lie apart, beside that of the mean of their predictions. */
export interface Spread {
  readonly min: number;
  readonly max: number;
  /** Sample standard deviation over fits. */
  readonly sd: number;
}

/** Of rho on a data set, over the fits of a study's seeds. */
export interface SetSpread {
  readonly training: Spread;
  /** null where nothing was held out. */
  readonly heldOut: Spread | null;
}

type Scores = Pick<SetSummary, 'training' | 'heldOut'>;

/**
 * The spread of each data set's rho over fits.
 * @param fits the scores of two fits or more, each of the same data sets
 * @returns one a data set
 */
export function seedSpread(fits: readonly { readonly sets: readonly Scores[] }[]): SetSpread[] {
  return fits[0].sets.map((_, k) => {
    const heldOut = fits.flatMap(({ sets }) => sets[k].heldOut?.rho ?? []);
    return {
      training: spreadOf(fits.map(({ sets }) => sets[k].training.rho)),
      heldOut: heldOut.length === fits.length ? spreadOf(heldOut) : null,
    };
  });
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { min: Math.min(...values), max: Math.max(...values), sd: Math.sqrt(squares / (values.length - 1)) };
}
