import { openTrainable, parametersFrom, type TrainableNetwork } from '../backbones/trainable.ts';
import { UsageError } from '../core/errors.ts';
import type { ShownImages } from './assessment.ts';
import type { Environment } from './environment.ts';
import { type FeatureOrigin, openFeatureOrigin } from './features.ts';
import type { Study } from './settings/study-file.ts';
import { readStudyImages, type StudyImages } from './study-images.ts';
import { featureStreams, setsOfStreams } from './training-sets.ts';

/** What all fits of a study share: its images as the network shows them before anything is learnt. */
export interface FitInput extends ShownImages {
  readonly study: Study;
  readonly images: readonly StudyImages[];
  readonly features: FeatureOrigin;
  /** The network to fit on; undefined where pair statistics are enough. */
  readonly network: TrainableNetwork | undefined;
  /** Images that are only scored on, in the order of the study's `test`. */
  readonly tests: ScoredImages;
}

/** Images of the study's `test` as the network shows them before anything is learnt. */
export interface ScoredImages extends ShownImages {
  readonly images: readonly StudyImages[];
}

/** The study's images and network, before the network has seen an image. */
export type FitInputUnseen = Omit<FitInput, 'sets' | 'tests'>;

/**
 * Opens what a study's fits start from, hands it to `use`, and gives it back whatever happens.
 * @param study what to learn from what
 * @param environment the platform it runs on
 * @param use does the work
 * @param before is called when all files are known and the network has not seen an image yet
 * @throws UsageError, ShapeError or FormatError where the study's parts do not fit each other
 */
export async function withFitInput<T>(
  study: Study,
  environment: Environment,
  use: (input: FitInput) => Promise<T>,
  before: (input: FitInputUnseen) => Promise<void> = async () => {},
): Promise<T> {
  const images = await readStudyImages(study.data, environment);
  const testImages = await readStudyImages(study.test, environment);
  const features = await openFeatureOrigin(study.backbone, environment, study.training);
  try {
    const network = fitsNetwork(study) ? await openToFit(study, environment) : undefined;
    const streams = await featureStreams(images, features);
    await before({ study, images, features, network, streams });
    const sets = await setsOfStreams(images, streams, environment);
    const testStreams = await featureStreams(testImages, features);
    const testSets = await setsOfStreams(testImages, testStreams, environment);
    const tests = { images: testImages, streams: testStreams, sets: testSets };
    return await use({ study, images, features, network, streams, sets, tests });
  } finally {
    await features.release();
  }
}

/** Whether a study is fitted on the network itself: pair statistics do not know what its weights or single features would do. */
export function fitsNetwork({ encoder }: Pick<Study, 'encoder'>): boolean {
  return encoder.train === 'all' || encoder.mask === 'feature';
}

/** The network of a study; what cannot be trained of it is said before any image is seen. */
async function openToFit({ backbone, encoder }: Study, environment: Environment): Promise<TrainableNetwork> {
  const { preprocess: _, ...spec } = backbone;
  const network = await openTrainable(spec, environment);
  const { train, trainFrom } = encoder;
  if (train === 'mask') return network;
  const trained = trainFrom === undefined ? network.parameters : parametersFrom(network, trainFrom);
  if (trained.length > 0) return network;
  throw new UsageError(
    `encoder.${trainFrom === undefined ? 'train' : 'trainFrom'}: expected weights to train, ${network.name} has none${trainFrom === undefined ? '' : ` from ${trainFrom} on`}; train the mask alone`,
  );
}
