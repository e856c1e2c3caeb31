// How long the mask takes to train from cached statistics, on synthetic ones of the challenge's size: 92 and 118 images, fMRI and MEG
// (22,178 pairs of 15 subjects), 3,904 channels, 15 epochs of minibatches of 40, one thread.
import { performance } from 'node:perf_hooks';
import { condensedLength } from '../src/core/condensed.ts';
import { seededRandom } from '../src/core/random.ts';
import type { PairStatistics } from '../src/features/pair-statistics.ts';
import { fitMask } from '../src/training/fit.ts';
import type { TrainingOptions, TrainingSet } from '../src/training/options.ts';

/** The five stages of the residual networks at 224 x 224. */
const STAGES = [
  { name: 'layer0', channels: 64, height: 56, width: 56 },
  { name: 'layer1', channels: 256, height: 56, width: 56 },
  { name: 'layer2', channels: 512, height: 28, width: 28 },
  { name: 'layer3', channels: 1024, height: 14, width: 14 },
  { name: 'layer4', channels: 2048, height: 7, width: 7 },
];

/** Statistics that some features could have: each channel has a mean and deviations with a correlation for each pair. */
export function syntheticStatistics(nImages: number, seed: number): PairStatistics {
  const random = seededRandom(seed);
  const positions = STAGES.flatMap(({ channels, height, width }) => Array<number>(channels).fill(height * width));
  const nChannels = positions.length;
  const memory = new SharedArrayBuffer(4 * condensedLength(nImages) * nChannels);
  const products = new Float32Array(memory);
  const energies = new Float64Array(nImages * nChannels);
  const sums = new Float64Array(nImages * nChannels);
  for (let k = 0; k < energies.length; k++) {
    const n = positions[k % nChannels];
    const mean = 0.5 + 0.2 * random.uniform();
    sums[k] = n * mean;
    energies[k] = n * (mean ** 2 + 0.5 + random.uniform());
  }
  let at = 0;
  for (let i = 0; i < nImages; i++) {
    for (let j = i + 1; j < nImages; j++) {
      for (let c = 0; c < nChannels; c++) {
        products[at++] = 0.4 * positions[c] * (random.uniform() - 0.3);
      }
    }
  }
  return { conditions: Array.from({ length: nImages }, (_, k) => `${k}`), stages: STAGES, products, energies, sums };
}

/** fMRI and MEG of 92 and 118 images: four data sets in two image sets. */
export function syntheticSets(): TrainingSet[] {
  return [92, 118].flatMap((nImages) => {
    const statistics = syntheticStatistics(nImages, nImages);
    return ['fmri', 'meg'].map((modality, k) => {
      const random = seededRandom(nImages + k + 1);
      const values = Float64Array.from({ length: 15 * condensedLength(nImages) }, () => 0.7 + 0.2 * random.normal());
      const targets = { nConditions: nImages, conditions: null, nSubjects: 15, nTimes: 1, values };
      return { name: `${nImages} ${modality}`, imageSet: `${nImages}`, statistics, targets };
    });
  });
}

/** Seconds of wall clock and of processor of a fit, the median of several. */
export interface TrainingTime {
  readonly what: string;
  readonly nPairs: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * Times a fit of 15 epochs, a mask of channels unless the options say otherwise.
 * @param sets synthetic by default; pass real ones to time those
 */
export async function timeTraining(
  what: string,
  sets: readonly TrainingSet[],
  repeats = 3,
  options: TrainingOptions = {},
): Promise<TrainingTime> {
  const runs: { seconds: number; cpuSeconds: number }[] = [];
  let nPairs = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    nPairs = (await fitMask(sets, { mask: 'channel', epochs: 15, batch: 40, ...options })).nTrainingPairs;
    const { user, system } = process.cpuUsage(cpu);
    runs.push({ seconds: (performance.now() - start) / 1e3, cpuSeconds: (user + system) / 1e6 });
  }
  const median = runs.sort((a, b) => a.seconds - b.seconds)[Math.floor(repeats / 2)];
  return { what, nPairs, epochs: 15, ...median };
}

/** Both sizes that the project states: all four data sets at once, and one set alone. */
export async function benchTraining(sets: readonly TrainingSet[] = syntheticSets()): Promise<TrainingTime[]> {
  return [await timeTraining('four data sets', sets), await timeTraining('one data set', sets.slice(0, 1))];
}
