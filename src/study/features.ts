import { checkArchitecture, openBackbone } from '../backbones/registry.ts';
import { digestText } from '../core/digest.ts';
import { UsageError } from '../core/errors.ts';
import { cachedFeatures } from '../features/cached-features.ts';
import { imageFeatures } from '../features/extraction.ts';
import type { FeatureStream } from '../features/features.ts';
import { fileFeatures } from '../features/file-features.ts';
import { openFile } from '../formats/open.ts';
import type { Stimulus } from '../images/image.ts';
import { FEATURE_ORIGINS } from './choices.ts';
import type { Environment } from './environment.ts';
import type { Study } from './study-file.ts';

/** Where a study's stage features come from: a network that looks at the images, or a file of activations computed elsewhere. */
export interface FeatureOrigin {
  /** As results are labelled. */
  readonly name: string;
  /** Names the network and its weights, so that a fitted encoder meets only the features it was fitted on. */
  readonly key: string;
  /** The `key` of the network that looked at the images; undefined for a file of activations that does not tell it. */
  readonly network: string | undefined;
  streamOf(stimuli: readonly Stimulus[]): Promise<FeatureStream>;
  release(): Promise<void>;
}

const FEATURES = 'features:';
/** Where a file of activations tells, in its metadata, which network they are of. */
export const NETWORK = 'network';

/**
 * Opens what a study's `backbone` names.
 * @throws UsageError for an architecture that is none
 */
export async function openFeatureOrigin(backbone: Study['backbone'], environment: Environment): Promise<FeatureOrigin> {
  return backbone.architecture.startsWith(FEATURES)
    ? openFeatureFile(backbone, environment)
    : openNetwork(backbone, environment);
}

async function openNetwork(settings: Study['backbone'], environment: Environment): Promise<FeatureOrigin> {
  const { preprocess: fit, ...spec } = settings;
  checkArchitecture(spec.architecture, FEATURE_ORIGINS);
  const backbone = await openBackbone(spec, environment);
  const { cache, keepFeatures, onNotice, onProgress } = environment;
  const key = await digestText(JSON.stringify([backbone.key, fit]));
  return {
    name: backbone.name,
    key,
    network: key,
    async streamOf(stimuli) {
      const stream = await imageFeatures(backbone, stimuli, { fit, onProgress });
      return keepFeatures && cache !== undefined ? cachedFeatures(cache, stream, { onNotice }) : stream;
    },
    release: () => backbone.release(),
  };
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
      release: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
