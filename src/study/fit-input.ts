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

/**
 * Opens what a study's fits start from, hands it to `use`, and gives it back whatever happens.
 * @throws UsageError, ShapeError or FormatError where the study's parts do not fit each other
 */
export async function withFitInput<T>(
  study: Study,
  environment: Environment,
  use: (input: FitInput) => Promise<T>,
): Promise<T> {
  const images = await readStudyImages(study, environment);
  const features = await openFeatureOrigin(study.backbone, environment, study.training);
  try {
    const streams = await featureStreams(images, features);
    const sets = await setsOfStreams(images, streams, environment);
    return await use({ study, images, features, streams, sets });
  } finally {
    await features.release();
  }
}
