import { cachedPairStatistics } from '../features/cached-statistics.ts';
import { engineChannelProducts } from '../features/channel-products.ts';
import type { FeatureStream } from '../features/features.ts';
import type { PairStatistics } from '../features/pair-statistics.ts';
import type { TrainingSet } from '../training/options.ts';
import type { Environment } from './environment.ts';
import type { FeatureOrigin } from './features.ts';
import type { Study } from './settings/study-file.ts';
import { readStudyImages, type StudyImages } from './study-images.ts';

/**
 * What a study learns from: for each entry of its `data` the images' pair statistics and the subjects' RDMs of the same images. Entries
 * that show the same images share their statistics.
 * @throws UsageError, ShapeError or FormatError where images and RDMs do not fit each other
 */
export async function trainingSets(
  study: Pick<Study, 'data'>,
  features: FeatureOrigin,
  environment: Environment,
): Promise<TrainingSet[]> {
  const images = await readStudyImages(study.data, environment);
  return setsOfStreams(images, await featureStreams(images, features), environment);
}

/** A stream of features for each data set; the same one where images are the same. The images' bytes are read, no network runs. */
export async function featureStreams(
  images: readonly StudyImages[],
  features: Pick<FeatureOrigin, 'streamOf'>,
): Promise<FeatureStream[]> {
  const opened = new Map<string, FeatureStream>();
  const streams: FeatureStream[] = [];
  for (const { imageSet, stimuli } of images) {
    const rows = JSON.stringify([imageSet, stimuli.map(({ name }) => name)]);
    const stream = opened.get(rows) ?? (await features.streamOf(stimuli));
    opened.set(rows, stream);
    streams.push(stream);
  }
  return streams;
}

/**
 * Data sets with the pair statistics of their images' features, which are computed where the cache has none.
 * @param streams as `featureStreams` gives them
 */
export async function setsOfStreams(
  images: readonly StudyImages[],
  streams: readonly FeatureStream[],
  { engine, cache, openScratch, onProgress }: Environment,
): Promise<TrainingSet[]> {
  const { products, release } = await engineChannelProducts(engine);
  try {
    const computed = new Map<FeatureStream, PairStatistics>();
    for (const stream of new Set(streams)) {
      computed.set(stream, await cachedPairStatistics(cache, stream, { products, openScratch, onProgress }));
    }
    return images.map(({ name, imageSet, targets }, k) => {
      const statistics = computed.get(streams[k])!;
      return { name, imageSet, statistics, targets: { ...targets, conditions: statistics.conditions } };
    });
  } finally {
    await release();
  }
}
