import { z } from 'zod';
import { UsageError } from '../../core/errors.ts';
import { type Environment, readText } from '../environment.ts';
import type { ReportData } from '../runs/report-data.ts';
import { checked } from '../runs/stored-json.ts';
import { setNames } from '../study-images.ts';
import { type ComparedRegion, REGIONS_FORMAT, type RegionComparison } from './compare-regions.ts';

const number = z.number();
const numbers = z.array(number);
const probability = number.min(0).max(1);
const region = z.looseObject({ run: z.string(), sets: z.array(z.string()), permuted: numbers.nullable() });
const stages = z
  .array(
    z.looseObject({
      ...{ stage: z.string(), shareA: number, shareB: number, difference: number },
      ...{ swapped: numbers.min(1), p: probability, pFdr: probability },
    }),
  )
  .min(1);

const storedRegions = z
  .looseObject({
    format: z.literal(REGIONS_FORMAT),
    hypercolumn: z.string(),
    network: z.string(),
    a: region,
    b: region,
    nSubjects: numbers,
    nSwaps: z.int().positive(),
    nPossibleSwaps: number,
    stages,
    grouped: stages.nullable(),
    overall: z.looseObject({ distance: number, swapped: numbers, p: probability }),
  })
  .refine(
    ({ nSwaps, stages, grouped, overall }) =>
      [...stages, ...(grouped ?? []), overall].every(({ swapped }) => swapped.length === nSwaps),
    'expected a value after each swap',
  )
  .refine(
    ({ stages, a, b }) => [a, b].every(({ permuted }) => permuted === null || permuted.length === stages.length),
    'expected a permuted share of each stage',
  ) satisfies z.ZodType<RegionComparison>;

/**
 * Reads the file of a test between regions.
 * @throws FormatError where it is not one
 */
export async function readRegions(
  path: string,
  environment: Pick<Environment, 'openSource'>,
): Promise<RegionComparison> {
  return checked(await readText(environment, path), path, storedRegions, undefined, 'hypercolumn regions');
}

/**
 * Asserts that a test between regions is of two of these runs, by their folders or, where these have moved, by the names of their data sets.
 * @param path the test's file, leads the message
 * @throws UsageError naming the runs that it is of
 */
export function checkRegionsOf({ a, b }: RegionComparison, runs: readonly ReportData[], path: string): void {
  const among = ({ run, sets }: ComparedRegion) => {
    const named = runs.flatMap((each, k) => (withoutSlash(each.run) === withoutSlash(run) ? [k] : []));
    if (named.length > 0) return named;
    return runs.flatMap(({ study }, k) => (sameNames(setNames(study.data), sets) ? [k] : []));
  };
  const [ofA, ofB] = [among(a), among(b)];
  if (ofA.some((k) => ofB.some((other) => other !== k))) return;
  const said = [a, b].map(({ run, sets }) => `${run} (${sets.join(', ')})`).join(' and ');
  throw new UsageError(
    `${path}: expected a test between two of the runs that are compared, got one between ${said}; name these`,
  );
}

function withoutSlash(folder: string): string {
  return folder.replace(/[\\/]+$/, '');
}

function sameNames(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify([...some].sort()) === JSON.stringify([...others].sort());
}
