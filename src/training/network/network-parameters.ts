import { UsageError } from '../../core/errors.ts';
import type { EngineTensor } from '../../engine/session.ts';
import { clipFactor, squaredNorm } from '../clipping.ts';
import type { LearnerState } from '../learner.ts';
import type { TrainingSettings } from '../settings.ts';
import { stateArray } from '../state-array.ts';
import { type Float32Group, float32AdamStep, float32Group } from './float32-adam.ts';
import { type ArrayShape, countValues, tensorsIn } from './named-arrays.ts';

/** What moves when a whole network trains; alpha and b have one value a data set. */
export const PARTS = ['mask', 'alpha', 'b', 'backbone'] as const;

type Part = (typeof PARTS)[number];

/** Values of all parts. */
export type PartValues = Readonly<Record<Part, Float32Array>>;

/** All that moves, its gradient and the moments of its steps. */
export interface NetworkParameters {
  readonly values: PartValues;
  /** Written by the network, overwritten by each step. */
  readonly gradient: PartValues;
  /** A step against the gradient. */
  step(rate: number): void;
  keep(): void;
  /** What was kept last, or the values as they are where nothing was. */
  kept(): PartValues;
  state(): LearnerState;
  restore(state: LearnerState): void;
}

type Rates = Pick<TrainingSettings, 'learningRate' | 'weightDecay' | 'readout' | 'clip'>;

/**
 * @param start values that it begins with, not copied
 */
export function networkParameters(
  start: PartValues,
  { learningRate, weightDecay, readout, clip }: Rates,
): NetworkParameters {
  const groups: Record<Part, Float32Group> = {
    mask: float32Group(start.mask, { learningRate: learningRate.mask, weightDecay }),
    alpha: float32Group(start.alpha, { learningRate: learningRate.readout }),
    b: float32Group(start.b, { learningRate: learningRate.readout }),
    backbone: float32Group(start.backbone, { learningRate: learningRate.backbone, weightDecay }),
  };
  const moving = PARTS.filter((part) => readout === 'affine' || part === 'mask' || part === 'backbone').map(
    (part) => groups[part],
  );
  let taken = 0;
  let kept: PartValues | null = null;
  const pick = (of: (group: Float32Group) => Float32Array): PartValues => ({
    mask: of(groups.mask),
    alpha: of(groups.alpha),
    b: of(groups.b),
    backbone: of(groups.backbone),
  });
  const values = pick((group) => group.values);
  return {
    values,
    gradient: pick((group) => group.gradient),
    step(rate) {
      const norm = clip === 'none' ? 0 : Math.sqrt(squaredNorm(moving.map(({ gradient }) => gradient)));
      float32AdamStep(moving, ++taken, rate, clipFactor(norm, clip));
    },
    keep() {
      kept = pick((group) => group.values.slice());
    },
    kept: () => kept ?? values,
    state() {
      const arrays: Record<string, Float32Array> = {};
      for (const part of PARTS) {
        arrays[part] = groups[part].values;
        arrays[`${part}.mean`] = groups[part].mean;
        arrays[`${part}.square`] = groups[part].square;
        if (kept !== null) arrays[`${part}.kept`] = kept[part];
      }
      return { arrays, values: { step: taken, kept: kept !== null } };
    },
    restore(state) {
      const { step, kept: hasKept } = state.values;
      if (typeof step !== 'number') throw new UsageError(`checkpoint: expected a number of steps, got ${step}`);
      const read = (name: string, { length }: Float32Array) => stateArray(state, name, length);
      for (const part of PARTS) {
        const group = groups[part];
        group.values.set(read(part, group.values));
        group.mean.set(read(`${part}.mean`, group.values));
        group.square.set(read(`${part}.square`, group.values));
      }
      const readKept = (part: Part) => Float32Array.from(read(`${part}.kept`, groups[part].values));
      kept =
        hasKept === true
          ? { mask: readKept('mask'), alpha: readKept('alpha'), b: readKept('b'), backbone: readKept('backbone') }
          : null;
      taken = step;
    },
  };
}

/** Weights of a network one after another, copied out of its constants. */
export function flatWeights(
  constants: readonly { readonly tensor: ArrayShape; readonly data: ArrayLike<number> }[],
  names: readonly string[],
): {
  readonly arrays: readonly ArrayShape[];
  readonly values: Float32Array;
  readonly tensors: Record<string, EngineTensor>;
} {
  const byName = new Map(constants.map((constant) => [constant.tensor.name, constant]));
  const chosen = names.map((name) => byName.get(name)!);
  const arrays = chosen.map(({ tensor: { name, shape } }) => ({ name, shape }));
  const values = new Float32Array(countValues(arrays));
  const tensors = tensorsIn(values, arrays);
  for (const { tensor, data } of chosen) tensors[tensor.name].data.set(data);
  return { arrays, values, tensors };
}
