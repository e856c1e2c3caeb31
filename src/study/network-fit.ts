import type { TrainableNetwork } from '../backbones/trainable.ts';
import type { EngineTensor } from '../engine/session.ts';
import { type CropSource, cropSource } from '../features/crops.ts';
import type { FeatureStream } from '../features/features.ts';
import { numericArray } from '../formats/array.ts';
import { writeSafetensors } from '../formats/safetensors-write.ts';
import { memorySink } from '../formats/source.ts';
import { type FitCallbacks, type FitResult, fitMask } from '../training/fit.ts';
import { isOver, trainingLoop } from '../training/loop.ts';
import { networkLearner } from '../training/network/network-learner.ts';
import type { NetworkLearnerOptions } from '../training/network/network-options.ts';
import type { TrainingOptions } from '../training/options.ts';
import { fitProblem, untrainedImages } from '../training/problem.ts';
import { type TrainingSettings, trainingSettings } from '../training/settings.ts';
import { countValidation } from '../training/validation.ts';
import type { Environment } from './environment.ts';
import { fitOf, type TunedWeights } from './features.ts';
import type { FitInput } from './fit-input.ts';

/** What a fit on the network itself leaves. */
export interface NetworkFit extends FitResult {
  /** Undefined where the mask alone was learnt. */
  readonly tuned: TunedWeights | undefined;
}

/**
 * Fits on the network itself: its weights together with the mask, or a mask of features. Weights are trained from the mask that pair
 * statistics of the network as it is lead to.
 * @throws UsageError as the training loop and the mask's fit
 */
export async function fitNetwork(
  { study, images, streams, sets }: FitInput,
  network: TrainableNetwork,
  options: TrainingOptions,
  environment: Environment,
  callbacks: FitCallbacks,
): Promise<NetworkFit> {
  const { engine, gram, openScratch } = environment;
  const settings = trainingSettings(options);
  const { resume } = callbacks;
  const start = resume === undefined ? await startingMask(sets, options, callbacks) : undefined; // a checkpoint has mask and readouts
  const problem = fitProblem(sets, settings, callbacks.onNotice ?? (() => {}));
  const fit = fitOf(study.backbone, settings.crop);
  const sources = new Map<FeatureStream, CropSource>();
  const crops = streams.map((stream, k) => {
    const source = sources.get(stream) ?? cropSource(images[k].stimuli, { fit, input: network.input });
    sources.set(stream, source);
    return source;
  });
  if (resume !== undefined && hasFrozenStages(settings) && !isOver(resume.progress, problem, settings)) {
    callbacks.onNotice?.(
      'what the frozen stages make of the images is not kept with a fit, so it is computed again, to the same values',
    );
  }
  const learner = await networkLearner(problem, settings, {
    ...{ network, engine, crops, openScratch, gram, onProgress: callbacks.onProgress, signal: callbacks.signal },
    ...(start !== undefined && { start }),
  });
  try {
    const { metrics, keptEpoch } = await trainingLoop(learner, problem, settings, callbacks);
    const { mask, readouts, weights } = learner.kept();
    return {
      encoder: { stages: network.stages, maskResolution: settings.mask, mask, scale: problem.scale, readouts },
      ...{ metrics, keptEpoch, nTrainingPairs: problem.nTrainingPairs },
      nValidationPairs: countValidation(problem.validation),
      heldOut: sets.map((set, s) => untrainedImages(set, problem.splits[s])),
      tuned: settings.train === 'all' ? await tunedWeights(network, weights) : undefined,
    };
  } finally {
    await learner.release();
  }
}

/** Whether part of the network is computed once for all steps, or once an epoch. */
function hasFrozenStages({ train, trainFrom }: TrainingSettings): boolean {
  return train === 'mask' || trainFrom !== undefined;
}

/** What the mask alone comes to. */
async function startingMask(
  sets: FitInput['sets'],
  { trainFrom: _, ...options }: TrainingOptions,
  { onProgress, onNotice, signal }: FitCallbacks,
): Promise<NetworkLearnerOptions['start']> {
  const { mask, train, maskEpochs = 15, patience: __, ...others } = options;
  if (train !== 'all' || mask === 'feature' || maskEpochs === 0) return undefined;
  const { encoder } = await fitMask(
    sets,
    {
      ...others,
      ...(mask !== undefined && { mask }),
      ...{ train: 'mask', epochs: maskEpochs, sampler: 'pairs', accumulate: 1, crop: 'none', schedule: 'constant' },
    },
    {
      ...(onNotice !== undefined && { onNotice }),
      ...(signal !== undefined && { signal }),
      ...(onProgress !== undefined && {
        onProgress: (progress) => onProgress({ ...progress, phase: 'training the mask alone' }),
      }),
    },
  );
  return encoder;
}

/** A file of all the network's arrays, as `openBackbone` takes it. */
async function tunedWeights(
  { name: network }: TrainableNetwork,
  weights: Readonly<Record<string, EngineTensor>>,
): Promise<TunedWeights> {
  const arrays = Object.entries(weights).map(([name, { shape, data }]) => [
    name,
    numericArray('float32', shape, Float32Array.from(data)),
  ]);
  const sink = memorySink();
  await writeSafetensors(sink, Object.fromEntries(arrays), { format: 'hypercolumn-backbone-1', network });
  return { path: 'backbone.safetensors', bytes: sink.bytes() };
}
