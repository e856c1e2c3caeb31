import { condensedIndex } from '../../core/condensed.ts';
import type { Gram } from '../../core/gram.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { predictStream } from '../../encoder/predict-stream.ts';
import type { Engine, EngineTensor } from '../../engine/session.ts';
import type { CropSource } from '../../features/crops.ts';
import type { FeatureStream } from '../../features/features.ts';
import type { OpenScratch } from '../../formats/source.ts';
import type { Graph } from '../../graph/graph.ts';
import { LOSSES } from '../losses.ts';
import type { ValidationLoss } from '../options.ts';
import type { FitProblem } from '../problem.ts';
import { VALIDATION_KINDS } from '../split.ts';
import type { NetworkInputs } from './network-inputs.ts';
import { type ForwardSession, loadForward } from './network-sessions.ts';
import { filledUp } from './passes.ts';
import type { StepGraphSettings } from './step-graph.ts';

/** What a validation computes with. */
export interface NetworkValidationSettings {
  readonly engine: Engine;
  /** The part of the network that trains. */
  readonly network: Graph;
  /** Names the network that training began with. */
  readonly key: string;
  readonly graphSettings: Pick<StepGraphSettings, 'stages' | 'parameters' | 'nImages' | 'loss'>;
  readonly inputs: NetworkInputs;
  readonly sources: readonly CropSource[];
  /** For each data set its place among the sources. */
  readonly sourceOf: readonly number[];
  readonly openScratch: OpenScratch;
  readonly gram: Gram | undefined;
}

/** Losses on pairs that are not trained on. */
export interface NetworkValidation {
  /**
   * @param encoder as it is, its readouts in the sets' own units
   * @param weights the network's, as they are
   */
  losses(encoder: Encoder, weights: Readonly<Record<string, EngineTensor>>): Promise<ValidationLoss | null>;
  release(): Promise<void>;
}

/**
 * Validation by the centre crops of the images that held-out pairs show; embeddings are compared in float64. The forward pass is loaded when it
 * is first asked for.
 */
export function networkValidation(problem: FitProblem, settings: NetworkValidationSettings): NetworkValidation {
  const { pairs, sets, validation } = problem;
  const { sourceOf, sources, openScratch, gram } = settings;
  const numbers = VALIDATION_KINDS.flatMap((kind) => [...validation[kind]]);
  const imagesOf = sources.map((_, source) => {
    const met = numbers.filter((pair) => sourceOf[pairs.set[pair]] === source);
    return [...new Set(met.flatMap((pair) => [pairs.i[pair], pairs.j[pair]]))].sort((a, b) => a - b);
  });
  let forward: ForwardSession | undefined;
  return {
    async losses(encoder, weights) {
      if (numbers.length === 0) return null;
      forward ??= await loadForward(settings.engine, settings.network, settings.graphSettings);
      const dissimilarities: Dissimilarity[] = [];
      for (const [source, images] of imagesOf.entries()) {
        if (images.length === 0) continue;
        const stream = featuresOf(forward, weights, source, images, settings);
        const found = await predictStream(stream, encoder, { openScratch, ...(gram !== undefined && { gram }) });
        dissimilarities[source] = between(images, found.dissimilarities);
      }
      const lossOf = LOSSES[settings.graphSettings.loss];
      const mean = (list: Uint32Array): number | null => {
        if (list.length === 0) return null;
        let sum = 0;
        for (const pair of list) {
          const s = pairs.set[pair];
          const { nSubjects, values, weights: reliability, unit } = sets[s];
          const { alpha, b } = encoder.readouts[s];
          const d = dissimilarities[sourceOf[s]](pairs.i[pair], pairs.j[pair]);
          const first = pairs.pair[pair] * nSubjects;
          const prediction = (Math.exp(alpha) * d + b) / unit;
          sum += reliability[pairs.pair[pair]] * lossOf.value(prediction, values, first, first + nSubjects);
        }
        return sum / list.length;
      };
      const [newNew, newOld, pair] = VALIDATION_KINDS.map((kind) => mean(validation[kind]));
      return { newNew, newOld, pair };
    },
    async release() {
      await forward?.release();
    },
  };
}

type Dissimilarity = (i: number, j: number) => number;

/** Looks up a pair i < j in the condensed values of some ascending images. */
function between(images: readonly number[], values: Float64Array): Dissimilarity {
  const place = new Map(images.map((image, k) => [image, k]));
  return (i, j) => values[condensedIndex(place.get(i)!, place.get(j)!, images.length)];
}

function featuresOf(
  forward: ForwardSession,
  weights: Readonly<Record<string, EngineTensor>>,
  source: number,
  images: readonly number[],
  { graphSettings: { stages, nImages }, inputs, sources, key }: NetworkValidationSettings,
): FeatureStream {
  return {
    conditions: images.map((image) => sources[source].conditions[image]),
    stages,
    key,
    async *read() {
      for (let first = 0; first < images.length; first += nImages) {
        const few = images.slice(first, first + nImages);
        const features = await forward.run(await inputs.ofCentres(source, filledUp(few, nImages)), weights);
        for (const k of few.keys()) {
          yield stages.map(({ channels, height, width }, stage) => {
            const size = channels * height * width;
            return features[stage].slice(k * size, (k + 1) * size);
          });
        }
      }
    },
  };
}
