import type { ShownImages } from './assessment.ts';
import type { Environment } from './environment.ts';
import { type FeatureOrigin, openFeatureOrigin } from './features.ts';
import type { Study } from './study-file.ts';
import { readStudyImages, type StudyImages } from './study-images.ts';
import { featureStreams, setsOfStreams } from './training-sets.ts';

/** What all fits of a study share: its images as the network shows them before anything is learnt. */
export interface FitInput extends ShownImages {
  readonly study: Study;
  readonly images: readonly StudyImages[];
  readonly features: FeatureOrigin;
}

/** The study's images and network, before the network has seen an image. */
export type FitInputUnseen = Omit<FitInput, 'sets'>;

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
  const images = await readStudyImages(study, environment);
  const features = await openFeatureOrigin(study.backbone, environment, study.training);
  try {
    const streams = await featureStreams(images, features);
    await before({ study, images, features, streams });
    const sets = await setsOfStreams(images, streams, environment);
    return await use({ study, images, features, streams, sets });
  } finally {
    await features.release();
  }
}
