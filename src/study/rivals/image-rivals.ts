import type { Backbone } from '../../backbones/backbone.ts';
import { NETWORKS, ONNX } from '../../backbones/registry.ts';
import { condensedLength } from '../../core/condensed.ts';
import { UsageError } from '../../core/errors.ts';
import { imageFeatures } from '../../features/extraction.ts';
import type { FeatureStream } from '../../features/features.ts';
import { unweightedRdm } from '../../features/unweighted-rdm.ts';
import type { Stimulus } from '../../images/image.ts';
import type { Environment } from '../environment.ts';
import { fitOf, openFeatureOrigin } from '../features.ts';
import type { MadeRival, RivalInput } from './rival-input.ts';

const SIDE = 224;

/** A network whose only stage is the image itself, RGB from 0 to 1. */
const PIXELS: Backbone = {
  name: 'pixels',
  key: 'pixels',
  stages: [{ name: 'pixels', channels: 3, height: SIDE, width: SIDE }],
  input: {
    height: SIDE,
    width: SIDE,
    normalisation: { order: 'rgb', scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
  },
  run: async (pixels) => [pixels],
  release: async () => {},
};

/** The images themselves, as the study's network is shown them. */
export async function pixelRival(input: RivalInput, environment: Environment): Promise<MadeRival> {
  const fit = fitOf(input.backbone, input.crop);
  const { onProgress } = environment;
  const streamOf = (stimuli: readonly Stimulus[]) => imageFeatures(PIXELS, stimuli, { fit, onProgress });
  return {
    about: `1 - Pearson correlation of the images' pixels, red, green and blue together, ${SIDE} x ${SIDE} (${fit}).`,
    predicted: await unweightedRdms(input, streamOf, environment),
  };
}

/** Early vision without weights. */
export async function gaborRival(input: RivalInput, environment: Environment): Promise<MadeRival> {
  if (input.backbone.architecture === 'gabor') {
    throw new UsageError("it is the study's own network, see unweighted");
  }
  const { preprocess, seed } = input.backbone;
  return {
    about: '1 - Pearson correlation of Gabor energies, all five stages of the gabor network unweighted.',
    predicted: await ofNetwork(input, { architecture: 'gabor', preprocess, seed }, environment),
  };
}

/** What the study's network gives before it has seen an image. */
export async function untrainedRival(input: RivalInput, environment: Environment): Promise<MadeRival> {
  const { backbone } = input;
  checkHasUntrainedTwin(backbone);
  return {
    about: `1 - Pearson correlation of all stages of ${backbone.architecture} with random weights (seed ${backbone.seed}), unweighted.`,
    predicted: await ofNetwork(input, { ...backbone, weights: 'untrained' }, environment),
  };
}

function checkHasUntrainedTwin({ architecture, weights }: RivalInput['backbone']): void {
  const why = architecture.startsWith(ONNX)
    ? 'the weights of a model in a file cannot be drawn anew'
    : !Object.hasOwn(NETWORKS, architecture)
      ? 'activations from a file have no network to draw weights for'
      : NETWORKS[architecture].weights === 'none'
        ? 'the network has no weights'
        : weights === 'untrained'
          ? "the study's own network is untrained, see unweighted"
          : undefined;
  if (why !== undefined) throw new UsageError(`${architecture}: ${why}`);
}

async function ofNetwork(
  input: RivalInput,
  backbone: RivalInput['backbone'],
  environment: Environment,
): Promise<Float64Array[]> {
  const { crop } = input;
  const origin = await openFeatureOrigin(backbone, environment, { ...(crop !== undefined && { crop }) });
  try {
    return await unweightedRdms(input, origin.streamOf, environment);
  } finally {
    await origin.release();
  }
}

/** For each test 1 - Pearson correlation over all features; images that several tests show are looked at once. */
async function unweightedRdms(
  { tests }: RivalInput,
  streamOf: (stimuli: readonly Stimulus[]) => Promise<FeatureStream>,
  { cache, openScratch, gram, onProgress, onNotice }: Environment,
): Promise<Float64Array[]> {
  const rdms = new Map<RivalInput['tests'][number]['statistics'], Float64Array>();
  for (const { statistics, stimuli } of tests) {
    if (rdms.has(statistics)) continue;
    const stream = await streamOf(stimuli);
    rdms.set(statistics, await unweightedRdm(cache, stream, { openScratch, gram, onProgress, onNotice }));
  }
  return tests.map(({ statistics }) => rdms.get(statistics)!);
}

/** 0 for two images of one category, 1 for two of different ones. */
export async function categoryRival({ tests }: RivalInput): Promise<MadeRival> {
  return {
    about: 'Categories alone: 0 for two images of the same category, 1 for two of different ones.',
    predicted: tests.map(({ labels }) =>
      labels === null
        ? { why: 'no categories are given; name a file of them as labels of the data set' }
        : categoryRdm(labels),
    ),
  };
}

function categoryRdm(labels: readonly string[]): Float64Array {
  const values = new Float64Array(condensedLength(labels.length));
  let pair = 0;
  for (const [k, label] of labels.entries()) {
    for (const other of labels.slice(k + 1)) values[pair++] = label === other ? 0 : 1;
  }
  return values;
}
