import { makeRdm } from '../src/rdm/rdm.ts';
import { scoreRdm } from '../src/rdm/score.ts';
import type { Environment } from '../src/study/environment.ts';
import { openFeatureOrigin } from '../src/study/features.ts';
import { rivalsOf } from '../src/study/rivals/rivals.ts';
import { readStudyImages } from '../src/study/study-images.ts';
import { featureStreams, setsOfStreams } from '../src/study/training-sets.ts';
import { algonautsStudy, IMAGE_SETS, type ImageSet, TARGETS } from './algonauts.ts';

/** Mean signed rho with the subjects of every rival that learnt from one set's RDMs of a target, on the other set. */
export type TransferOfRivals = (target: string, from: ImageSet) => Promise<Map<string, number>>;

/** Makes the challenge's sets ready for rivals of a fit of ResNet-50. */
export async function openRivals(environment: Environment): Promise<TransferOfRivals> {
  const study = algonautsStudy(IMAGE_SETS.flatMap((images) => TARGETS.map((target) => ({ images, target }))));
  const images = await readStudyImages(study.data, environment);
  const origin = await openFeatureOrigin(study.backbone, environment);
  const sets = await setsOfStreams(images, await featureStreams(images, origin), environment);
  await origin.release();
  return async (target, from) => {
    const training = sets.filter(({ name }) => name === `${target} ${from}`);
    const k = sets.findIndex(({ name }) => name === `${target} ${from === '92' ? '118' : '92'}`);
    const { statistics, targets } = sets[k];
    const test = {
      ...{ stimuli: images[k].stimuli, statistics, labels: null },
      images: statistics.conditions.map((_, row) => row),
    };
    const { rivals } = await rivalsOf(
      { training, tests: [test], backbone: study.backbone, which: 'all', seed: 0 },
      environment,
    );
    const score = (values: Float64Array) => scoreRdm(makeRdm(values, statistics.conditions), targets).rho;
    return new Map(rivals.map(({ name, predicted: [values] }) => [name, score(values!)]));
  };
}
