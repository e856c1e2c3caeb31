import { checkArchitecture, openBackbone } from '../backbones/registry.ts';
import { digestText } from '../core/digest.ts';
import { UsageError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { cachedFeatures } from '../features/cached-features.ts';
import { randomCropFeatures } from '../features/crop-features.ts';
import { cropSource } from '../features/crops.ts';
import { type ExtractionOptions, imageFeatures } from '../features/extraction.ts';
import type { FeatureStream } from '../features/features.ts';
import { fileFeatures } from '../features/file-features.ts';
import { openFile } from '../formats/open.ts';
import { bytesSource } from '../formats/source.ts';
import type { Stimulus } from '../images/image.ts';
import { type Fit, fitOfRandomCrops } from '../images/preprocess.ts';
import type { Environment } from './environment.ts';
import { FEATURE_ORIGINS } from './settings/choices.ts';
import type { Study } from './settings/study-file.ts';

/** Where a study's stage features come from: a network that looks at the images, or a file of activations computed elsewhere. */
export interface FeatureOrigin {
  /** As results are labelled. */
  readonly name: string;
  /** Names the network and its weights, so that a fitted encoder meets only the features it was fitted on. */
  readonly key: string;
  /** The `key` of the network that looked at the images; undefined for a file of activations that does not tell it. */
  readonly network: string | undefined;
  streamOf(stimuli: readonly Stimulus[]): Promise<FeatureStream>;
  /** Features of one random window an image, which the random's state decides; undefined for a file of activations. */
  readonly randomCropsOf: ((stimuli: readonly Stimulus[]) => RandomCrops) | undefined;
  release(): Promise<void>;
}

/** Features of other windows of the same images each time; the images are decoded once. */
export type RandomCrops = (
  random: Random,
  options: Pick<ExtractionOptions, 'onProgress' | 'signal'>,
) => Promise<FeatureStream>;

/** In which state a study's network is opened. */
export interface FeatureOriginOptions {
  /** `random` where it trains on random windows: then all images are resized so that windows have room, and the centre is what is looked at. */
  readonly crop?: Study['training']['crop'];
  /** Weights that training has moved, a .safetensors file; those that the study names by default. */
  readonly tuned?: TunedWeights | undefined;
}

/** A whole .safetensors file of a network's weights. */
export interface TunedWeights {
  /** Names it in messages. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const FEATURES = 'features:';
/** Where a file of activations tells, in its metadata, which network they are of. */
export const NETWORK = 'network';

/**
 * Opens what a study's `backbone` names.
 * @throws UsageError for an architecture that is none
 */
export async function openFeatureOrigin(
  backbone: Study['backbone'],
  environment: Environment,
  options: FeatureOriginOptions = {},
): Promise<FeatureOrigin> {
  return backbone.architecture.startsWith(FEATURES)
    ? openFeatureFile(backbone, environment)
    : openNetwork(backbone, environment, options);
}

/** How a study's images are resized for its network. */
export function fitOf({ preprocess }: Study['backbone'], crop: Study['training']['crop'] = 'none'): Fit {
  return crop === 'random' ? fitOfRandomCrops(preprocess) : preprocess;
}

async function openNetwork(
  settings: Study['backbone'],
  environment: Environment,
  { crop, tuned }: FeatureOriginOptions,
): Promise<FeatureOrigin> {
  const { preprocess: _, ...spec } = settings;
  const fit = fitOf(settings, crop);
  checkArchitecture(spec.architecture, FEATURE_ORIGINS);
  const backbone =
    tuned === undefined
      ? await openBackbone(spec, environment)
      : await openBackbone(
          { ...spec, weights: tuned.path },
          { ...environment, openSource: openWith(tuned, environment) },
        );
  const { cache, keepFeatures, onNotice, onProgress } = environment;
  const key = await digestText(JSON.stringify([backbone.key, fit]));
  return {
    name: tuned === undefined ? backbone.name : `${backbone.name} (fine-tuned)`,
    key,
    network: key,
    async streamOf(stimuli) {
      const stream = await imageFeatures(backbone, stimuli, { fit, onProgress });
      return keepFeatures && cache !== undefined ? cachedFeatures(cache, stream, { onNotice }) : stream;
    },
    randomCropsOf(stimuli) {
      const source = cropSource(stimuli, { fit, input: backbone.input });
      return (random, options) => randomCropFeatures(backbone, source, random, options);
    },
    release: () => backbone.release(),
  };
}

/** Opens the tuned weights from memory and all else as ever. */
function openWith({ path, bytes }: TunedWeights, { openSource }: Environment): Environment['openSource'] {
  return async (wanted) =>
    wanted === path ? { ...bytesSource(path, bytes), close: async () => {} } : openSource(wanted);
}

async function openFeatureFile(settings: Study['backbone'], environment: Environment): Promise<FeatureOrigin> {
  const { architecture, stages } = settings;
  if (typeof stages === 'number') {
    throw new UsageError(
      `${architecture}: expected stages as names of the file's arrays, got ${stages}; leave it out for all of them`,
    );
  }
  const source = await environment.openSource(architecture.slice(FEATURES.length));
  try {
    const file = await openFile(source);
    const network = Object.hasOwn(file.metadata, NETWORK) ? file.metadata[NETWORK] : undefined;
    return {
      name: architecture,
      key: await digestText(JSON.stringify([FEATURES, stages ?? null, ...(network === undefined ? [] : [network])])),
      network,
      streamOf: (stimuli) =>
        fileFeatures(file, {
          path: source.name,
          conditions: stimuli.map(({ name }) => name),
          ...(stages !== undefined && { stages }),
          onNotice: environment.onNotice,
          onProgress: environment.onProgress,
        }),
      randomCropsOf: undefined,
      release: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
