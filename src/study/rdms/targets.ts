import { condensedLength } from '../../core/condensed.ts';
import { FormatError, UsageError } from '../../core/errors.ts';
import type { OnNotice } from '../../core/progress.ts';
import { formatShape } from '../../core/shape.ts';
import { type Entry, type OpenedFile, toFloat64 } from '../../formats/array.ts';
import { NAMES, readConditionNames } from '../../formats/condition-names.ts';
import { isReal } from '../../formats/real-numbers.ts';
import { isRsatoolboxFile, RSATOOLBOX_RDMS } from '../../formats/rsatoolbox.ts';
import { type Conditions, makeRdmStack, type RdmStack } from '../../rdm/rdm.ts';
import { namedVariable } from './named-variable.ts';
import { type AxesReading, RDM_SHAPES, type RdmAxes, readPairAxes, readRdmAxes } from './rdm-axes.ts';
import { checkCondensed, condenseChecked, isSymmetric, type Mending } from './rdm-checks.ts';

/** Which RDMs of a file to read. */
export interface ReadRdmStackOptions {
  /** The file, as messages call it. */
  readonly path: string;
  /** The array; without it the file's only one that can be RDMs. */
  readonly variable?: string;
  /** Told what was assumed and what was mended. */
  readonly onNotice?: OnNotice;
}

/**
 * Reads subjects' RDMs: n x n (one subject), subjects x n x n, subjects x times x n x n, or condensed vectors, one or one a subject; of a file
 * that rsatoolbox saved its RDMs, each a subject.
 * Subjects on the last of three axes are told by the symmetry of the first two; that is said, as is that vectors are taken for condensed
 * RDMs. Names come from the file, where it has them.
 *
 * Asymmetries and diagonals of up to 1e-6 of an RDM's largest value are averaged and set to zero, which is said.
 * @throws UsageError where the variable is not there, or is not named and there are several
 * @throws FormatError where the array is no stack of RDMs, naming subject, time, row and column
 */
export async function readRdmStack(
  file: OpenedFile,
  { path, variable, onNotice = () => {} }: ReadRdmStackOptions,
): Promise<RdmStack> {
  const entry = chooseEntry(file, path, variable);
  const value = await file.read(entry.name);
  if (value.kind !== 'numeric' || !isReal(value.dtype)) {
    throw new FormatError(
      path,
      `expected real numbers, got ${value.kind === 'numeric' ? value.dtype : value.kind}`,
      entry.name,
    );
  }
  const numbers = toFloat64(value.data);
  const reading = axesOf(file, entry);
  const axes = chooseAxes(numbers, value.shape, reading, { path, variable: entry.name, onNotice });
  const conditions =
    axes.layout === 'condensed' && file.format === 'csv'
      ? null // its rows are subjects, its columns pairs
      : await readConditionNames(file, path, axes.nConditions, { square: true });
  return checkedStack(numbers, axes, { path, variable: entry.name, conditions, onNotice });
}

/**
 * Names of a file's arrays that can be RDMs by their shape, at least one; where some are square, condensed ones do not count, since any
 * vector can have that many numbers.
 * @throws FormatError where there is none
 */
export function rdmVariables(file: OpenedFile, path: string): string[] {
  const candidates = file.entries.filter(
    (entry) => entry.name !== NAMES && isReal(entry.dtype) && axesOf(file, entry) !== null,
  );
  const square = candidates.filter((entry) => {
    const axes = axesOf(file, entry);
    return axes !== null && !('readings' in axes && axes.readings[0].layout === 'condensed');
  });
  if (candidates.length === 0) {
    const there = file.entries.map(({ name, dtype, shape }) => `${name} (${dtype} ${formatShape(shape)})`);
    throw new FormatError(
      path,
      `expected RDMs: ${RDM_SHAPES}; got ${there.slice(0, MOST_SHOWN).join(', ') || 'nothing'}`,
    );
  }
  return (square.length > 0 ? square : candidates).map(({ name }) => name);
}

const MOST_SHOWN = 12;

/** Descriptors in rsatoolbox's files, such as an index, may have as many numbers as there are pairs; they are no RDMs. */
function axesOf(file: OpenedFile, { name, shape }: Entry): AxesReading {
  if (!isRsatoolboxFile(file)) return readRdmAxes(shape);
  return name === RSATOOLBOX_RDMS ? readPairAxes(shape) : null;
}

function chooseEntry(file: OpenedFile, path: string, variable: string | undefined): Entry {
  if (variable !== undefined) return namedVariable(file, path, variable);
  const candidates = rdmVariables(file, path);
  if (candidates.length > 1) {
    throw new UsageError(`${path}: several variables can be RDMs: ${candidates.join(', ')}; name one of them`);
  }
  return file.entries.find(({ name }) => name === candidates[0])!;
}

function chooseAxes(
  numbers: Float64Array,
  shape: readonly number[],
  axes: AxesReading,
  { path, variable, onNotice }: { path: string; variable: string; onNotice: OnNotice },
): RdmAxes {
  if (axes === null && shape.length >= 2 && shape.slice(-2).every((length) => length === 1)) {
    throw new FormatError(
      path,
      `expected RDMs of at least 3 conditions, got ${formatShape(shape)}: one makes no pair`,
      variable,
    );
  }
  if (axes === null) throw new FormatError(path, `expected ${RDM_SHAPES}, got ${formatShape(shape)}`, variable);
  if ('misordered' in axes) throw new FormatError(path, `${formatShape(shape)}: ${axes.misordered}`, variable);
  const { readings } = axes;
  const isLikely = (reading: RdmAxes) => isSymmetric(squareAt(numbers, reading, 0), reading.nConditions);
  const chosen = (readings.length > 1 ? readings.find(isLikely) : undefined) ?? readings[0];
  if (chosen.layout === 'square first') {
    onNotice(
      `${path}, ${variable}: ${formatShape(shape)} is read as ${chosen.nSubjects} subjects on the last axis, since the first two are the square ones`,
    );
  }
  if (chosen.layout === 'condensed') {
    const { nConditions: n, nSubjects } = chosen;
    const subjects = nSubjects === 1 ? 'the condensed RDM' : `${nSubjects} subjects' condensed RDMs`;
    onNotice(`${path}, ${variable}: ${formatShape(shape)} is read as ${subjects} of ${n} conditions (pairs i < j)`);
  }
  return chosen;
}

function checkedStack(
  numbers: Float64Array,
  axes: RdmAxes,
  {
    path,
    variable,
    conditions,
    onNotice,
  }: { path: string; variable: string; conditions: Conditions; onNotice: OnNotice },
): RdmStack {
  const { nConditions: n, nSubjects, nTimes, layout } = axes;
  const nPairs = condensedLength(n);
  const values = new Float64Array(nSubjects * nTimes * nPairs);
  const mending: Mending = { largestAsymmetry: 0, largestDiagonal: 0 };
  for (let rdm = 0; rdm < nSubjects * nTimes; rdm++) {
    const subject = nSubjects > 1 ? `, subject ${Math.floor(rdm / nTimes) + 1} of ${nSubjects}` : '';
    const time = nTimes > 1 ? `, time ${(rdm % nTimes) + 1} of ${nTimes}` : '';
    const origin = { path, place: `${variable}${subject}${time}`, conditions };
    if (layout === 'condensed') {
      const condensed = numbers.subarray(rdm * nPairs, (rdm + 1) * nPairs);
      checkCondensed(condensed, n, origin);
      values.set(condensed, rdm * nPairs);
    } else {
      values.set(condenseChecked(squareAt(numbers, axes, rdm), n, origin, mending), rdm * nPairs);
    }
  }
  for (const said of describeMending(mending)) onNotice(`${path}, ${variable}: ${said}`);
  return makeRdmStack(values, { nSubjects, nTimes, conditions });
}

/** The `rdm`-th square matrix of an array. */
function squareAt(numbers: Float64Array, { nConditions: n, nSubjects, layout }: RdmAxes, rdm: number): Float64Array {
  if (layout !== 'square first') return numbers.subarray(rdm * n * n, (rdm + 1) * n * n);
  return Float64Array.from({ length: n * n }, (_, k) => numbers[k * nSubjects + rdm]);
}

function describeMending({ largestAsymmetry, largestDiagonal }: Mending): string[] {
  const said: string[] = [];
  if (largestAsymmetry > 0) {
    said.push(
      `values above and below the diagonal differ by up to ${largestAsymmetry.toPrecision(2)} and were averaged`,
    );
  }
  if (largestDiagonal > 0) said.push(`diagonal values of up to ${largestDiagonal.toPrecision(2)} were set to zero`);
  return said;
}
