import { predictDissimilarities } from '../../src/encoder/predict.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import { type LoopCallbacks, trainingLoop } from '../../src/training/loop.ts';
import { type NetworkLearner, networkLearner } from '../../src/training/network/network-learner.ts';
import type { NetworkLearnerOptions } from '../../src/training/network/network-options.ts';
import type { TrainingOptions, TrainingSet } from '../../src/training/options.ts';
import { fitProblem } from '../../src/training/problem.ts';
import { trainingSettings } from '../../src/training/settings.ts';
import { drawnCrops, noisySubjects, smallNetwork, statisticsOf } from './small-network.ts';

export const engine = await nodeEngine({ threads: 1 });
export const network = smallNetwork();
const [firstCrops, secondCrops] = [drawnCrops(10, 'first'), drawnCrops(8, 'second')];
export const crops = [firstCrops, firstCrops, secondCrops];

/** Three data sets, two of them of the same images; the subjects see what a network of other weights sees. */
export const sets: readonly TrainingSet[] = await Promise.all(
  crops.map(async (source, k) => {
    const other = await statisticsOf(smallNetwork('other'), source, engine);
    const nChannels = other.stages.reduce((sum, { channels }) => sum + channels, 0);
    const truth = predictDissimilarities(other, new Float64Array(nChannels).fill(1));
    return {
      ...{ name: `set ${k}`, imageSet: source === firstCrops ? 'first' : 'second' },
      statistics: await statisticsOf(network, source, engine),
      targets: noisySubjects(truth, source.conditions, { nSubjects: 2 + k, seed: k }),
    };
  }),
);

/** The same sets; the first has three time points, further and further apart. */
export const timedSets: readonly TrainingSet[] = sets.map((set, s) => {
  if (s > 0) return set;
  const { targets } = set;
  const nPairs = targets.values.length / targets.nSubjects;
  const bySubject = Array.from({ length: targets.nSubjects }, (_, subject) => {
    const values = Array.from(targets.values.subarray(subject * nPairs, (subject + 1) * nPairs));
    return [0.5, 1, 2].map((factor) => values.map((value) => factor * value));
  });
  return { ...set, targets: { ...targets, nTimes: 3, values: Float64Array.from(bySubject.flat(2)) } };
});

/** What a fit is made with in place of the network, engine, crops and sets above. */
export type Given = Partial<NetworkLearnerOptions> & { readonly sets?: readonly TrainingSet[] };

export async function learnerOf(options: TrainingOptions, { sets: ofFit = sets, ...given }: Given = {}) {
  const settings = trainingSettings(options);
  const problem = fitProblem(ofFit, settings, () => {});
  const learner = await networkLearner(problem, settings, { network, engine, crops, ...given });
  return { settings, problem, learner };
}

export async function learn(options: TrainingOptions, callbacks: LoopCallbacks = {}, given: Given = {}) {
  const { settings, problem, learner } = await learnerOf(options, given);
  try {
    const result = await trainingLoop(learner, problem, settings, callbacks);
    return { ...result, ...learner.kept(), state: stateOf(learner) };
  } finally {
    await learner.release();
  }
}

/** A copy of a learner's state. */
function stateOf(learner: NetworkLearner) {
  const { arrays, values } = learner.state();
  return { arrays: Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, data.slice()])), values };
}

export function furthest(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Math.max(...Array.from(got, (value, k) => Math.abs(value - expected[k])));
}

/** What a network begins with. */
export function weightsOf(name: string): ArrayLike<number> {
  return network.graph.constants.find(({ tensor }) => tensor.name === name)!.data;
}
