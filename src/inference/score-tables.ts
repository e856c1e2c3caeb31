/** Scores of all conditions and of resampled ones, in rows by subjects; the last row is the lower noise ceiling where there is one. */
export interface ScoreTables {
  readonly nRows: number;
  readonly nSubjects: number;
  readonly nConditions: number;
  /** nRows x nSubjects. */
  readonly full: Float64Array;
  /** nSamples x nRows x nSubjects: conditions drawn with replacement. */
  readonly bootstrap: Float64Array;
  /** nConditions x nRows x nSubjects: without each condition. */
  readonly jackknife: Float64Array;
  /** nSamples x nSubjects: how often each subject was drawn. */
  readonly subjectCounts: readonly Uint32Array[];
  /** The lower noise ceiling without each subject; null where there is none. */
  readonly ceilingWithout: Float64Array | null;
}

/** A difference of rows: `plus` less `minus`, or `plus` alone. */
export interface Contrast {
  readonly plus: number;
  readonly minus: number | null;
}

/** A contrast for each subject, over all conditions and over resampled ones. */
export interface ContrastScores {
  /** nSubjects. */
  readonly full: Float64Array;
  /** nSamples of nSubjects. */
  readonly bootstrap: readonly Float64Array[];
  /** nConditions of nSubjects. */
  readonly jackknife: readonly Float64Array[];
}

/**
 * A contrast's scores from the tables.
 * @param ceilingFactor what the lower noise ceiling's row is multiplied by
 */
export function contrastScores(tables: ScoreTables, contrast: Contrast, ceilingFactor = 1): ContrastScores {
  const rows = rowsOf(tables, contrast, ceilingFactor);
  return {
    full: contrastsOf(tables, tables.full, rows)[0],
    bootstrap: contrastsOf(tables, tables.bootstrap, rows),
    jackknife: contrastsOf(tables, tables.jackknife, rows),
  };
}

/**
 * How much more a subject changes the lower noise ceiling than through its own similarity with the others: it is in their means too. 1 where
 * subjects are all signal and the means do not depend on any of them, 2 where they are all noise. The slope of what leaving a subject out
 * does on what its own similarity is.
 */
export function ceilingInfluence({ full, nRows, nSubjects, ceilingWithout }: ScoreTables): number {
  if (ceilingWithout === null) return 1;
  const own = full.subarray((nRows - 1) * nSubjects, nRows * nSubjects);
  const centre = mean(own);
  let product = 0;
  own.forEach((similarity, subject) => {
    product += (similarity - centre) * (nSubjects - 1) * (centre - ceilingWithout[subject]);
  });
  const slope = product / squaredDeviations(own);
  return slope > 1 ? Math.min(2, slope) : 1;
}

/** The contrast without each subject, of which the lower noise ceiling's part is more than that subject's own. */
export function withoutSubjects(tables: ScoreTables, { plus, minus }: Contrast): Float64Array {
  const { nSubjects, nRows, full, ceilingWithout } = tables;
  const rowWithout = (row: number, subject: number) => {
    if (ceilingWithout !== null && row === nRows - 1) return ceilingWithout[subject];
    const scores = full.subarray(row * nSubjects, (row + 1) * nSubjects);
    return (mean(scores) * nSubjects - scores[subject]) / (nSubjects - 1);
  };
  return Float64Array.from(
    { length: nSubjects },
    (_, subject) => rowWithout(plus, subject) - (minus === null ? 0 : rowWithout(minus, subject)),
  );
}

/** The mean of some numbers. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k];
  return sum / values.length;
}

/** Sum of squared deviations from the mean. */
export function squaredDeviations(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += (values[k] - centre) ** 2;
  return sum;
}

type WeightedRow = readonly [row: number, weight: number];

function rowsOf(
  { nRows, ceilingWithout }: ScoreTables,
  { plus, minus }: Contrast,
  ceilingFactor: number,
): WeightedRow[] {
  const weight = (row: number) => (ceilingWithout !== null && row === nRows - 1 ? ceilingFactor : 1);
  return minus === null
    ? [[plus, weight(plus)]]
    : [
        [plus, weight(plus)],
        [minus, -weight(minus)],
      ];
}

function contrastsOf({ nRows, nSubjects }: ScoreTables, scores: Float64Array, rows: WeightedRow[]): Float64Array[] {
  const size = nRows * nSubjects;
  return Array.from({ length: scores.length / size }, (_, k) => {
    const contrast = new Float64Array(nSubjects);
    for (const [row, weight] of rows) {
      const start = k * size + row * nSubjects;
      for (let subject = 0; subject < nSubjects; subject++) contrast[subject] += weight * scores[start + subject];
    }
    return contrast;
  });
}
