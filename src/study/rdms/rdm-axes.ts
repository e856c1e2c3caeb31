import { condensedLength } from '../../core/condensed.ts';

/** How an array's axes are read as RDMs. */
export interface RdmAxes {
  readonly nConditions: number;
  readonly nSubjects: number;
  readonly nTimes: number;
  /** `square`: n x n last; `square first`: n x n x subjects, as MATLAB users stack them; `condensed`: the pairs i < j last. */
  readonly layout: 'square' | 'square first' | 'condensed';
}

/** What the shape of an array allows it to be. */
export type AxesReading =
  /** Readings in order of preference; where there are two, the numbers decide. */
  | { readonly readings: readonly RdmAxes[] }
  /** RDMs whose axes stand in an order that cannot be told apart from another one, and what to do about it. */
  | { readonly misordered: string }
  | null;

/** Shapes that can be read, for messages. */
export const RDM_SHAPES =
  'n x n, subjects x n x n, subjects x times x n x n, or condensed: n (n - 1) / 2 or subjects x n (n - 1) / 2';

/** Reads the axes of an array of this shape; null where they cannot be those of RDMs. */
export function readRdmAxes(shape: readonly number[]): AxesReading {
  const [a, b, c, d] = shape;
  const one = { nSubjects: 1, nTimes: 1 };
  switch (shape.length) {
    case 1:
      return condensed(a, 1);
    case 2:
      if (a === b) return a < 2 ? null : { readings: [{ ...one, nConditions: a, layout: 'square' }] };
      return a === 1 || b === 1 ? condensed(Math.max(a, b), 1) : matrixOfPairs(a, b);
    case 3: {
      const readings: RdmAxes[] = [];
      if (b === c && b >= 2 && a >= 1) readings.push({ nConditions: b, nSubjects: a, nTimes: 1, layout: 'square' });
      if (a === b && a >= 2 && c >= 1)
        readings.push({ nConditions: a, nSubjects: c, nTimes: 1, layout: 'square first' });
      return readings.length === 0 ? null : { readings };
    }
    case 4:
      if (c === d && c >= 2 && a >= 1 && b >= 1) {
        return { readings: [{ nConditions: c, nSubjects: a, nTimes: b, layout: 'square' }] };
      }
      return a === b && a >= 2
        ? {
            misordered:
              'its first two axes are the square ones and do not tell which of the others are subjects and which times; ' +
              'bring it into the order subjects x times x n x n (MATLAB: permute, numpy: transpose)',
          }
        : null;
    default:
      return null;
  }
}

/** Reads the axes of an array that is known to be subjects x pairs, as rsatoolbox has RDMs, whatever else its shape would allow. */
export function readPairAxes([nSubjects, nPairs]: readonly number[]): AxesReading {
  return condensed(nPairs, nSubjects);
}

function condensed(length: number, nSubjects: number): AxesReading {
  const nConditions = conditionsIn(length);
  return nConditions === null || nSubjects < 1
    ? null
    : { readings: [{ nConditions, nSubjects, nTimes: 1, layout: 'condensed' }] };
}

function matrixOfPairs(a: number, b: number): AxesReading {
  const asRows = conditionsIn(b);
  const asColumns = conditionsIn(a);
  // Few conditions seen by thousands of subjects is not what such a matrix is.
  if (asColumns !== null && a > b) {
    return {
      misordered: `it looks like the ${a} pairs of ${asColumns} conditions by ${b} subjects; transpose it into subjects x pairs`,
    };
  }
  return asRows === null ? null : condensed(b, a);
}

/** n of n (n - 1) / 2 values; null where the number is none. */
function conditionsIn(length: number): number | null {
  const n = Math.round((1 + Math.sqrt(1 + 8 * length)) / 2);
  return length >= 1 && condensedLength(n) === length ? n : null;
}
