import { ShapeError, UsageError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import type { PairResolution, Readout } from '../../encoder/encoder.ts';
import { checkPairStatistics, type PairStatistics } from '../../features/pair-statistics.ts';
import { checkSameStages } from '../../features/scale.ts';
import { assertSameConditions } from '../../rdm/alignment.ts';
import { clipGradients } from '../clipping.ts';
import type { Learner } from '../learner.ts';
import { OPTIMISERS } from '../optimisers.ts';
import type { TrainingSet, ValidationLoss } from '../options.ts';
import { drawTargets, type FitProblem, readoutsOf } from '../problem.ts';
import type { TrainingSettings } from '../settings.ts';
import { VALIDATION_KINDS } from '../split.ts';
import { stateArray } from '../state-array.ts';
import { createPairLoss, type PairLoss, type Parameters } from './pair-loss.ts';
import { pairTable } from './pair-table.ts';

/** Statistics of an epoch's crops: one a data set, in the sets' order; sets that share theirs share these. */
export type EpochStatistics = (epoch: number) => Promise<readonly PairStatistics[]>;

/** Learns a mask and readouts from pair statistics, in plain numbers: a step takes well under a millisecond. */
export interface PairLearner extends Learner {
  /** The mask and readouts last kept, or as they are where none were. */
  kept(): { readonly mask: Float64Array; readonly readouts: readonly Readout[] };
}

const PARTS = ['mask', 'alpha', 'b'] as const;

/**
 * The learner of `fitMask`. The mask starts at 1, readouts at a = 1 and b = 0 of their sets' units.
 * @param epochStatistics where given, what each epoch trains on; validation stays with the sets' own statistics, and so does the scale
 */
export function pairLearner(
  sets: readonly TrainingSet[],
  problem: FitProblem,
  settings: TrainingSettings & { readonly mask: PairResolution },
  epochStatistics?: EpochStatistics,
): PairLearner {
  const { readout, learningRate, weightDecay } = settings;
  const own = sets.map(({ statistics }) => statistics);
  const validationLoss = lossOn(own, own, problem, settings);
  let loss = validationLoss;
  const nMask = settings.mask === 'stage' ? own[0].stages.length : problem.scale.length;
  const parameters: Parameters = {
    mask: new Float64Array(nMask).fill(1),
    alpha: new Float64Array(sets.length),
    b: new Float64Array(sets.length),
  };
  const gradient = copyOf(parameters);
  const moving = readout === 'identity' ? PARTS.slice(0, 1) : PARTS;
  const groups = moving.map(
    (part) =>
      part === 'mask'
        ? { values: parameters.mask, learningRate: learningRate.mask, weightDecay }
        : { values: parameters[part], learningRate: learningRate.readout }, // a readout's place is no matter of size
  );
  const gradients = moving.map((part) => gradient[part]);
  let optimiser = OPTIMISERS[settings.optimiser](groups);
  const random = seededRandom(settings.seed);
  let kept: Parameters | null = null;

  return {
    ...(epochStatistics !== undefined && {
      async startEpoch(epoch) {
        loss = validationLoss; // the last epoch's statistics go before the next are made
        const fresh = await epochStatistics(epoch);
        checkFresh(fresh, own);
        loss = lossOn(fresh, own, problem, settings);
      },
    }),
    step(pairs, rate, { epoch, step }) {
      const drawn = drawTargets(problem, pairs, () => random.derive(`times/${epoch}/${step}`));
      const value = loss(pairs, parameters, gradient, drawn);
      if (!Number.isFinite(value)) return value;
      clipGradients(gradients, settings.clip);
      optimiser.step(gradients, rate);
      return value;
    },
    validate: () => validate(validationLoss, problem, parameters),
    readouts: () => readoutsOf(problem, parameters),
    keep() {
      kept = copyOf(parameters);
    },
    kept: () => ({ mask: (kept ?? parameters).mask, readouts: readoutsOf(problem, kept ?? parameters) }),
    state() {
      const { step, memory } = optimiser.state();
      const arrays: Record<string, Float64Array> = {};
      for (const part of PARTS) arrays[part] = parameters[part].slice();
      for (const [k, part] of moving.entries()) [arrays[`${part}.mean`], arrays[`${part}.square`]] = memory[k];
      if (kept !== null) for (const part of PARTS) arrays[`${part}.kept`] = kept[part];
      return { arrays, values: { step, kept: kept !== null } };
    },
    restore(state) {
      const read = (name: string, part: (typeof PARTS)[number]) =>
        Float64Array.from(stateArray(state, name, parameters[part].length));
      const { step } = state.values;
      if (typeof step !== 'number') throw new UsageError(`checkpoint: expected a number of steps, got ${step}`);
      for (const part of PARTS) parameters[part].set(read(part, part));
      const memory = moving.map((part) => ['mean', 'square'].map((moment) => read(`${part}.${moment}`, part)));
      optimiser = OPTIMISERS[settings.optimiser](groups, { step, memory });
      kept = null;
      if (state.values['kept'] === true) {
        const [mask, alpha, b] = PARTS.map((part) => read(`${part}.kept`, part));
        kept = { mask, alpha, b };
      }
    },
  };
}

/** The loss on some statistics of the sets' images, in a table for each that the sets' own have. */
function lossOn(
  statistics: readonly PairStatistics[],
  own: readonly PairStatistics[],
  { sets, pairs, scale }: FitProblem,
  { mask, loss }: { readonly mask: PairResolution; readonly loss: TrainingSettings['loss'] },
): PairLoss {
  const different = [...new Set(own)];
  const tables = different.map((each) => pairTable(statistics[own.indexOf(each)], mask, scale));
  return createPairLoss({
    tables,
    sets: sets.map((set, s) => ({ ...set, table: different.indexOf(own[s]) })),
    ...{ pairs, loss },
    scale: mask === 'stage' ? new Float64Array(tables[0].nTerms).fill(1) : scale,
  });
}

function checkFresh(fresh: readonly PairStatistics[], own: readonly PairStatistics[]): void {
  if (fresh.length !== own.length) {
    throw new ShapeError(
      `the epoch's crops: expected statistics of ${own.length} data sets, got ${fresh.length}; give one for each, the same ones where sets share their images`,
    );
  }
  for (const [s, { conditions }] of own.entries()) {
    checkPairStatistics(fresh[s]);
    checkSameStages(fresh[s], own[s]);
    const images = { what: 'the images', nConditions: conditions.length, conditions };
    const crops = {
      what: "the epoch's crops",
      nConditions: fresh[s].conditions.length,
      conditions: fresh[s].conditions,
    };
    assertSameConditions(images, crops);
  }
}

function copyOf({ mask, alpha, b }: Parameters): Parameters {
  return { mask: mask.slice(), alpha: alpha.slice(), b: b.slice() };
}

function validate(loss: PairLoss, { validation }: FitProblem, parameters: Parameters): ValidationLoss | null {
  const [newNew, newOld, pair] = VALIDATION_KINDS.map((kind) =>
    validation[kind].length === 0 ? null : loss(validation[kind], parameters),
  );
  return newNew === null && newOld === null && pair === null ? null : { newNew, newOld, pair };
}
