import { condensedLength } from '../core/condensed.ts';
import { FormatError, UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import { openFile } from '../formats/open.ts';
import type { Source } from '../formats/source.ts';
import { type CeilingOptions, type NoiseCeiling, noiseCeiling } from '../rdm/ceiling.ts';
import type { ComparatorName } from '../rdm/comparators.ts';
import { type RdmStack, rdmValuesAt } from '../rdm/rdm.ts';
import { rdmVariables, readRdmStack } from './rdms/targets.ts';

/** A variable's noise ceiling, as `ceiling --json` prints it. */
export interface CeilingResult {
  readonly variable: string;
  readonly n: number;
  readonly nSubjects: number;
  /** Subjects averaged as they are, the challenge's way; null where there is none: a single subject. */
  readonly ceiling: NoiseCeiling | null;
  readonly comparator: ComparatorName;
  /** Subjects averaged on one footing, rsatoolbox's way. */
  readonly normalised: NoiseCeiling | null;
}

/** Which ceilings of a file. */
export interface CeilingsOfFileOptions {
  /** One of its arrays; without it all that are RDMs. */
  readonly variable?: string;
  readonly comparator?: ComparatorName;
  readonly onNotice?: OnNotice;
}

/**
 * Noise ceilings of a file's RDMs, in the challenge's way and in rsatoolbox's.
 * @param source the file
 * @throws UsageError, FormatError where RDMs cannot be read or compared
 */
export async function ceilingsOfFile(
  source: Source,
  { variable, comparator = 'spearman', onNotice = () => {} }: CeilingsOfFileOptions = {},
): Promise<CeilingResult[]> {
  const file = await openFile(source);
  const path = source.name;
  const variables = variable === undefined ? rdmVariables(file, path) : [variable];
  const results: CeilingResult[] = [];
  for (const name of variables) {
    const stack = await readRdmStack(file, { path, variable: name, onNotice });
    assertComparable(stack, path, name);
    const { nConditions: n, nSubjects } = stack;
    const ceiling = ceilingOrNull(stack, `${path}, ${name}`, onNotice, { comparator });
    const normalised = ceilingOrNull(
      stack,
      `${path}, ${name}, normalised`,
      ceiling === null ? () => {} : onNotice, // why there is none has been said
      { comparator, averaging: 'normalised' },
    );
    results.push({ variable: name, n, nSubjects, ceiling, comparator, normalised });
  }
  return results;
}

/** The noise ceiling, or null with a word on why there is none. */
export function ceilingOrNull(
  stack: RdmStack,
  what: string,
  onNotice: OnNotice,
  options: CeilingOptions = {},
): NoiseCeiling | null {
  if (stack.nSubjects < 2) {
    onNotice(`${what}: a noise ceiling needs at least 2 subjects, there is 1`);
    return null;
  }
  const ceiling = noiseCeiling(stack, options);
  if (Number.isNaN(ceiling.lower.rho) || Number.isNaN(ceiling.upper.rho)) {
    onNotice(`${what}: there is no noise ceiling, the mean of the subjects' RDMs is the same for all pairs`);
    return null;
  }
  return ceiling;
}

/**
 * Makes sure that rank correlations with every RDM of a stack exist.
 * @throws UsageError for fewer than 3 conditions; FormatError for an RDM of which all values are the same, naming subject and time
 */
export function assertComparable(stack: RdmStack, path: string, variable: string): void {
  const { nConditions, nSubjects, nTimes } = stack;
  if (condensedLength(nConditions) < 2) {
    throw new UsageError(
      `${path}, ${variable}: expected at least 3 conditions, got ${nConditions}; a single pair cannot be correlated`,
    );
  }
  for (let subject = 0; subject < nSubjects; subject++) {
    for (let time = 0; time < nTimes; time++) {
      const values = rdmValuesAt(stack, subject, time);
      if (values.some((value) => value !== values[0])) continue;
      const place = [
        variable,
        ...(nSubjects > 1 ? [`subject ${subject + 1} of ${nSubjects}`] : []),
        ...(nTimes > 1 ? [`time ${time + 1} of ${nTimes}`] : []),
      ];
      throw new FormatError(
        path,
        `all dissimilarities are ${values[0]}, so nothing can be correlated with them; leave that RDM out`,
        place.join(', '),
      );
    }
  }
}
