import { constantEmbedding } from '../../encoder/predict.ts';
import type { EngineSession, EngineTensor } from '../../engine/session.ts';
import type { FitProblem } from '../problem.ts';
import { type ArrayShape, tensorsIn } from './named-arrays.ts';
import type { NetworkParameters } from './network-parameters.ts';
import type { Pass } from './passes.ts';
import { GRADIENT, STEP, type StepGraphSettings } from './step-graph.ts';

/**
 * Below this part of an embedding's energy its variance is rounding error: the embedding is constant. In float32, where sums over thousands of
 * channels make up to 2e-9 of it; of an image that shows anything it is far more.
 */
const CONSTANT_IN_FLOAT32 = 1e-7;

/** Runs a step's passes and adds up their gradients. */
export interface PassRunner {
  /**
   * Begins a step: what the next passes give replaces the gradient.
   * @param pairs of the whole step
   * @param drawn subjects' values of each pair, one pair after another; without them those of the data sets
   */
  begin(pairs: Uint32Array, drawn: Float64Array | undefined): void;
  /**
   * @param inputs of the network for the pass's images
   * @param pass its pairs' places are those in the whole step
   * @returns the pass's part of the mean loss over the step's pairs
   * @throws UsageError naming an image whose embedding is constant
   */
  add(pass: Pass, inputs: Readonly<Record<string, EngineTensor>>): Promise<number>;
}

/** What passes are run with. */
export interface PassRunnerSettings {
  readonly problem: FitProblem;
  /** The passes' gradients are written here. */
  readonly parameters: NetworkParameters;
  readonly weights: {
    readonly arrays: readonly ArrayShape[];
    readonly tensors: Readonly<Record<string, EngineTensor>>;
  };
  readonly graphSettings: StepGraphSettings;
}

/** @param session of `stepGraph` */
export function passRunner(
  session: EngineSession,
  { problem, parameters, weights, graphSettings }: PassRunnerSettings,
): PassRunner {
  const { values, gradient } = parameters;
  const { nImages, nSubjects, readout } = graphSettings;
  const first = fetchesInto(gradient.mask, gradient.backbone);
  let further: ReturnType<typeof fetchesInto> | undefined;
  const square = [nSubjects, nImages, nImages];
  const targets = new Float32Array(nSubjects * nImages * nImages);
  const pairWeights = new Float32Array(targets.length);
  let step: Step = { pairs: new Uint32Array(0), values: [] };
  let nPasses = 0;

  function fetchesInto(mask: Float32Array, backbone: Float32Array) {
    const one = () => new Float32Array(1);
    const readouts = { [GRADIENT + STEP.alpha]: vector(one()), [GRADIENT + STEP.b]: vector(one()) };
    const fetches = {
      [GRADIENT + STEP.mask]: vector(mask),
      ...(readout === 'affine' && readouts),
      [STEP.loss]: vector(one()),
      [STEP.variances]: vector(new Float32Array(nImages)),
      [STEP.ofMeans]: vector(new Float32Array(nImages)),
      ...Object.fromEntries(
        Object.entries(tensorsIn(backbone, weights.arrays)).map(([name, tensor]) => [GRADIENT + name, tensor]),
      ),
    };
    return { mask, backbone, fetches };
  }

  return {
    begin(pairs, drawn) {
      step = { pairs, values: valuesOfPairs(problem, pairs, drawn) };
      nPasses = 0;
      for (const part of Object.values(gradient)) part.fill(0);
    },
    async add({ set: s, images, places, slots }, inputs) {
      const set = problem.sets[s];
      targets.fill(0);
      pairWeights.fill(0);
      for (const [k, place] of places.entries()) {
        const ofSubjects = step.values[place];
        const weight = set.weights[problem.pairs.pair[step.pairs[place]]] / step.pairs.length / set.nSubjects;
        const [i, j] = slots[k];
        for (let subject = 0; subject < set.nSubjects; subject++) {
          const at = (subject * nImages + i) * nImages + j;
          targets[at] = ofSubjects[subject];
          pairWeights[at] = weight;
        }
      }
      const target =
        nPasses++ === 0 ? first : (further ??= fetchesInto(empty(gradient.mask), empty(gradient.backbone)));
      const feeds = {
        ...inputs,
        ...weights.tensors,
        [STEP.mask]: vector(values.mask),
        ...(readout === 'affine' && {
          [STEP.alpha]: vector(values.alpha.slice(s, s + 1)),
          [STEP.b]: vector(values.b.slice(s, s + 1)),
        }),
        [STEP.targets]: { shape: square, data: targets },
        [STEP.weights]: { shape: square, data: pairWeights },
      };
      const results = await session.run(feeds, target.fetches);
      checkEmbeddings(results, images, set.conditions);
      if (readout === 'affine') {
        gradient.alpha[s] += results[GRADIENT + STEP.alpha].data[0];
        gradient.b[s] += results[GRADIENT + STEP.b].data[0];
      }
      if (target !== first) {
        addTo(gradient.mask, target.mask);
        addTo(gradient.backbone, target.backbone);
      }
      return results[STEP.loss].data[0];
    },
  };
}

interface Step {
  readonly pairs: Uint32Array;
  /** Subjects' values of each pair. */
  readonly values: readonly Float64Array[];
}

function valuesOfPairs({ sets, pairs: list }: FitProblem, pairs: Uint32Array, drawn: Float64Array | undefined) {
  let end = 0;
  return Array.from(pairs, (pair) => {
    const { nSubjects, values } = sets[list.set[pair]];
    const first = drawn === undefined ? list.pair[pair] * nSubjects : end;
    end += nSubjects;
    return (drawn ?? values).subarray(first, first + nSubjects);
  });
}

function checkEmbeddings(
  results: Readonly<Record<string, EngineTensor>>,
  images: readonly number[],
  conditions: readonly string[],
): void {
  const [variances, ofMeans] = [results[STEP.variances].data, results[STEP.ofMeans].data];
  for (const [slot, image] of images.entries()) {
    const energy = variances[slot] + ofMeans[slot];
    if (variances[slot] <= CONSTANT_IN_FLOAT32 * energy) throw constantEmbedding(conditions[image]);
  }
}

function vector(data: Float32Array): EngineTensor {
  return { shape: [data.length], data };
}

function empty(like: Float32Array): Float32Array {
  return new Float32Array(like.length);
}

function addTo(sum: Float32Array, part: Float32Array): void {
  for (let k = 0; k < sum.length; k++) sum[k] += part[k];
}
