import { parametersFrom, type TrainableNetwork } from '../../backbones/trainable.ts';
import { UsageError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { countMaskValues } from '../../encoder/channel-weights.ts';
import type { Encoder, Readout } from '../../encoder/encoder.ts';
import type { EngineTensor } from '../../engine/session.ts';
import { memoryScratch } from '../../features/memory-scratch.ts';
import type { Graph } from '../../graph/graph.ts';
import { cutBelow } from '../../graph/rewrites/cut.ts';
import { withOutputs } from '../../graph/rewrites/with-outputs.ts';
import type { Learner } from '../learner.ts';
import { drawTargets, type FitProblem, readoutsOf } from '../problem.ts';
import { SAMPLERS } from '../samplers.ts';
import type { TrainingSettings } from '../settings.ts';
import { tensorsIn } from './named-arrays.ts';
import { networkInputs } from './network-inputs.ts';
import { checkNetworkOptions, type NetworkLearnerOptions } from './network-options.ts';
import { flatWeights, networkParameters, type PartValues } from './network-parameters.ts';
import { arraysOf, loadStep } from './network-sessions.ts';
import { networkValidation } from './network-validation.ts';
import { passRunner } from './pass-runner.ts';
import { filledUp, passesOf } from './passes.ts';
import { releaseAll } from './release.ts';
import type { StepGraphSettings } from './step-graph.ts';

/** Learns the weights of a network together with mask and readouts. */
export interface NetworkLearner extends Learner {
  /** What was last kept, or as it is where nothing was. `weights`: all arrays of the network by name, those that do not train as they were. */
  kept(): {
    readonly mask: Float64Array;
    readonly readouts: readonly Readout[];
    readonly weights: Readonly<Record<string, EngineTensor>>;
  };
  release(): Promise<void>;
}

/**
 * A learner whose step is one graph on an engine: forward pass, loss and gradient of as many images at once as `cliqueSize` or
 * `imagesPerPass` says, then Adam here. Batch norms keep their statistics. Where nothing of the network trains (a mask of features), or
 * `trainFrom` says so, the frozen stages are computed once, with random crops once an epoch.
 * @throws ShapeError where network, crops or start do not fit the problem
 * @throws UsageError for a stage to train from that the network does not have, or a network that has nothing to train
 */
export async function networkLearner(
  problem: FitProblem,
  settings: TrainingSettings,
  options: NetworkLearnerOptions,
): Promise<NetworkLearner> {
  checkNetworkOptions(problem, settings, options);
  const { network, engine, crops, start, openScratch = memoryScratch, gram, onProgress, signal } = options;
  const { mask: maskResolution, readout, loss, crop, seed } = settings;
  const { stages } = network;
  const names = stages.map(({ name }) => name);
  const graph = withOutputs(network.graph, names);
  const trained = trainedParameters(network, graph, settings);
  const cut = cutBelow(graph, trained);
  const weights = flatWeights(network.graph.constants, trained);
  const nMask = countMaskValues(stages, maskResolution);
  const parameters = networkParameters(startValues(problem, nMask, weights.values, start), settings);
  const each = SAMPLERS[settings.sampler].each;
  const nImages = imagesOfPass(settings);
  const nSubjects = Math.max(...problem.sets.map((set) => set.nSubjects));
  const graphSettings: StepGraphSettings = {
    stages,
    parameters: trained,
    maskResolution,
    scale: problem.scale,
    readout,
    loss,
    nImages,
    nSubjects,
  };
  const sources = [...new Set(crops)];
  const sourceOf = crops.map((source) => sources.indexOf(source));
  const platform = { engine, openScratch, onProgress, signal };
  const inputs = await networkInputs(cut, network.input, { sources, crop, seed, ...platform });
  const session = await loadStep(engine, cut.trained, graphSettings).catch(async (error) => {
    await inputs.release().catch(() => {}); // of two errors the first counts
    throw error;
  });
  const run = passRunner(session, { problem, parameters, weights, graphSettings });
  const encoderOf = (values: PartValues): Encoder => ({
    ...{ stages, maskResolution, mask: Float64Array.from(values.mask), scale: problem.scale },
    readouts: readoutsOf(problem, values),
  });
  const validation = networkValidation(problem, {
    engine,
    openScratch,
    gram,
    inputs,
    sources,
    sourceOf,
    graphSettings,
    network: cut.trained,
    key: network.key,
  });
  const random = seededRandom(seed);

  return {
    startEpoch: (epoch) => inputs.startEpoch(epoch),
    async step(pairs, rate, { epoch, step, batches }) {
      const drawn = drawTargets(problem, pairs, () => random.derive(`times/${epoch}/${step}`));
      let first = 0;
      const passes = batches.flatMap((batch) => {
        const ofBatch = passesOf(batch, problem.pairs, { each, nSlots: nImages, first });
        first += batch.length;
        return ofBatch;
      });
      run.begin(pairs, drawn);
      let value = 0;
      for (const pass of passes) {
        const draws = filledUp(pass.draws, nImages);
        const streams = (slot: number) => random.derive(`crops/${epoch}/${step}/${draws[slot]}`);
        const fed = await inputs.ofStep(sourceOf[pass.set], filledUp(pass.images, nImages), streams);
        value += await run.add(pass, fed);
      }
      if (Number.isFinite(value)) parameters.step(rate);
      return value;
    },
    validate: () => validation.losses(encoderOf(parameters.values), weights.tensors),
    readouts: () => readoutsOf(problem, parameters.values),
    keep: () => parameters.keep(),
    kept() {
      const kept = parameters.kept();
      const { mask, readouts } = encoderOf(kept);
      return { mask, readouts, weights: arraysOf(network, tensorsIn(kept.backbone, weights.arrays)) };
    },
    state: () => parameters.state(),
    restore: (state) => parameters.restore(state),
    release: () => releaseAll([session, validation, inputs].map((each) => () => each.release())),
  };
}

/** Those of the parameters that train which the wanted stages depend on. */
function trainedParameters(
  network: TrainableNetwork,
  graph: Graph,
  { train, trainFrom }: TrainingSettings,
): readonly string[] {
  if (train === 'mask') return [];
  const wanted = trainFrom === undefined ? network.parameters : parametersFrom(network, trainFrom);
  const present = new Set(graph.constants.map(({ tensor }) => tensor.name));
  const trained = wanted.filter((name) => present.has(name));
  if (trained.length > 0) return trained;
  throw new UsageError(
    trainFrom === undefined
      ? `encoder.train: expected mask with ${network.name}, whose wanted stages have no weights to train, got all`
      : `encoder.trainFrom: expected a stage that those of backbone.stages depend on, got ${trainFrom}; choose an earlier one`,
  );
}

/** Pairs do not share their images, so that a pass of pairs has an even number. */
function imagesOfPass({ sampler, cliqueSize, imagesPerPass, batch }: TrainingSettings): number {
  if (SAMPLERS[sampler].each === 'image') return cliqueSize;
  return Math.max(2, 2 * Math.min(Math.floor(imagesPerPass / 2), batch));
}

function startValues(
  { sets }: FitProblem,
  nMask: number,
  backbone: Float32Array,
  start: NetworkLearnerOptions['start'],
): PartValues {
  const mask = start === undefined ? new Float32Array(nMask).fill(1) : Float32Array.from(start.mask);
  const readouts = sets.map(({ unit }, s) => {
    const { alpha, b } = start?.readouts[s] ?? { alpha: Math.log(unit), b: 0 };
    return { alpha: alpha - Math.log(unit), b: b / unit };
  });
  return {
    ...{ mask, backbone },
    alpha: Float32Array.from(readouts, ({ alpha }) => alpha),
    b: Float32Array.from(readouts, ({ b }) => b),
  };
}
