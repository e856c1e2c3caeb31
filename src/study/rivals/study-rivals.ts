import type { Environment } from '../environment.ts';
import type { FitInput } from '../fit-input.ts';
import type { RivalInput } from './rival-input.ts';
import { type Rivals, rivalsOf } from './rivals.ts';

/**
 * The rivals that a study asks for, on these images; none where it asks for none. Who is left out is told by the result alone.
 * @param input what the study's fits learn from
 * @param input.sets with the images that may be learnt from
 * @param tests the images to predict
 */
export async function studyRivals(
  { study, sets }: Pick<FitInput, 'study' | 'sets'>,
  tests: RivalInput['tests'],
  environment: Environment,
): Promise<Rivals> {
  const { rivals: which } = study.scoring;
  if (which === 'none') return { rivals: [], leftOut: [] };
  const { backbone, training } = study;
  const { seed, crop } = training;
  return rivalsOf({ training: sets, tests, backbone, crop, which, seed }, { ...environment, onNotice: () => {} });
}
