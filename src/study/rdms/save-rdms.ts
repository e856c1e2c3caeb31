import { expand } from '../../core/condensed.ts';
import { UsageError } from '../../core/errors.ts';
import { float64Array, type NumericArray, numericArray, type TextArray } from '../../formats/array.ts';
import { NAMES } from '../../formats/condition-names.ts';
import { endingOf } from '../../formats/open.ts';
import { saveArrays } from '../../formats/save.ts';
import { type Conditions, type Rdm, type RdmStack, rdmValuesAt, squareOf } from '../../rdm/rdm.ts';
import type { Environment } from '../environment.ts';
import { RDM_ENDINGS, RDM_FILES } from '../settings/choices.ts';

const ENDINGS_OF_ONE = ['npy', 'csv'];

/**
 * The ending of a file that RDMs can be written to; call it before long work.
 * @throws UsageError for another ending, or several RDMs in a format of one array
 */
export function rdmEnding(path: string, nRdms = 1): string {
  const ending = endingOf(path);
  if (!RDM_ENDINGS.includes(ending)) {
    throw new UsageError(`${path}: expected a name that ends in ${RDM_FILES}`);
  }
  if (nRdms > 1 && ENDINGS_OF_ONE.includes(ending)) {
    throw new UsageError(`${path}: .${ending} holds one array, got ${nRdms} RDMs; write .mat or .npz instead`);
  }
  return ending;
}

/**
 * Writes RDMs of the same conditions as n x n arrays under their names, as .mat (v5), .npz, .npy or .csv by the file's ending. Condition
 * names go along where the format has room for them: as `names` in .mat and .npz, as header and first column in .csv.
 * @throws UsageError for another ending, or several RDMs in a format of one array
 */
export async function saveRdms(
  path: string,
  rdms: Readonly<Record<string, Rdm>>,
  environment: Pick<Environment, 'writeFile'>,
): Promise<void> {
  const ending = rdmEnding(path, Object.keys(rdms).length);
  const arrays: Record<string, NumericArray | TextArray> = Object.fromEntries(
    Object.entries(rdms).map(([name, rdm]) => [name, float64Array([rdm.nConditions, rdm.nConditions], squareOf(rdm))]),
  );
  const names = sharedNames(Object.values(rdms));
  if (names !== null && !Object.hasOwn(arrays, NAMES))
    arrays[NAMES] = { kind: 'text', shape: [names.length], data: names };
  await environment.writeFile(path, (sink) => saveArrays(sink, ending, arrays));
}

/** Writes subjects' RDMs as an nSubjects x n x n array (nSubjects x nTimes x n x n for several times) with the conditions' names. */
export async function saveRdmStack(
  path: string,
  variable: string,
  stack: RdmStack,
  environment: Pick<Environment, 'writeFile'>,
): Promise<void> {
  const { nConditions: n, nSubjects, nTimes, conditions } = stack;
  const values = new Float64Array(nSubjects * nTimes * n * n);
  for (let subject = 0; subject < nSubjects; subject++) {
    for (let time = 0; time < nTimes; time++) {
      values.set(expand(rdmValuesAt(stack, subject, time), n), (subject * nTimes + time) * n * n);
    }
  }
  const shape = nTimes === 1 ? [nSubjects, n, n] : [nSubjects, nTimes, n, n];
  const names: TextArray | null = conditions === null ? null : { kind: 'text', shape: [n], data: conditions };
  const arrays = { [variable]: numericArray('float64', shape, values), ...(names !== null && { [NAMES]: names }) };
  const ending = rdmEnding(path);
  await environment.writeFile(path, (sink) => saveArrays(sink, ending, arrays));
}

function sharedNames([first, ...others]: readonly Rdm[]): Conditions {
  const { conditions } = first;
  if (conditions === null) return null;
  const same = ({ conditions: names }: Rdm) =>
    names?.length === conditions.length && names.every((name, row) => name === conditions[row]);
  return others.every(same) ? conditions : null;
}
