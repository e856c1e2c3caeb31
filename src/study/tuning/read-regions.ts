import { z } from 'zod';
import { type Environment, readText } from '../environment.ts';
import { checked } from '../runs/stored-json.ts';
import { REGIONS_FORMAT, type RegionComparison } from './compare-regions.ts';

const number = z.number();
const numbers = z.array(number);
const region = z.looseObject({ run: z.string(), sets: z.array(z.string()), permuted: numbers.nullable() });
const stages = z
  .array(
    z.looseObject({
      ...{ stage: z.string(), shareA: number, shareB: number, difference: number },
      ...{ swapped: numbers.min(1), p: number, pFdr: number },
    }),
  )
  .min(1);

const storedRegions = z.looseObject({
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
  overall: z.looseObject({ distance: number, swapped: numbers, p: number }),
}) satisfies z.ZodType<RegionComparison>;

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
