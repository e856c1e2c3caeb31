import { type RdmStack, rdmValuesAt, subsetStack } from '../rdm/rdm.ts';

const FEWEST_IMAGES = 3; // a rank correlation needs more than one pair

/** Why correlations with subjects' RDMs of some images have no value, as part of a sentence; null where they have. */
export function whyUnscored(targets: RdmStack, images: readonly number[]): string | null {
  if (images.length < FEWEST_IMAGES) return `a correlation takes at least ${FEWEST_IMAGES} images`;
  const stack = subsetStack(targets, images);
  for (let subject = 0; subject < stack.nSubjects; subject++) {
    for (let time = 0; time < stack.nTimes; time++) {
      const values = rdmValuesAt(stack, subject, time);
      if (values.some((value) => value !== values[0])) continue;
      const at = stack.nTimes > 1 ? `, time ${time + 1} of ${stack.nTimes}` : '';
      return `all their dissimilarities are ${values[0]} for subject ${subject + 1} of ${stack.nSubjects}${at}`;
    }
  }
  return null;
}
