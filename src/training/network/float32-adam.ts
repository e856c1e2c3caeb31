import { ADAM } from '../optimisers.ts';

/** Parameters that share a learning rate, in float32: a network's are too many for more. A step changes them and their moments in place. */
export interface Float32Group {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly mean: Float32Array;
  readonly square: Float32Array;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/**
 * A group of parameters, its gradient and its moments at zero.
 * @param values not copied
 */
export function float32Group(
  values: Float32Array,
  { learningRate, weightDecay = 0 }: { readonly learningRate: number; readonly weightDecay?: number },
): Float32Group {
  const zeros = () => new Float32Array(values.length);
  return { values, gradient: zeros(), mean: zeros(), square: zeros(), learningRate, weightDecay };
}

/**
 * One step of Adam with decoupled weight decay: that of `OPTIMISERS`, computed in float64 and kept in float32. In plain JavaScript, because a
 * graph on two cores takes as long: what counts is the memory that passes.
 * @param t steps taken, this one included
 * @param rate a factor on all learning rates
 * @param clip what the gradient is multiplied by
 */
export function float32AdamStep(groups: readonly Float32Group[], t: number, rate: number, clip: number): void {
  const { beta1, beta2 } = ADAM;
  for (const { values, gradient, mean, square, learningRate, weightDecay } of groups) {
    const remains = 1 - learningRate * rate * weightDecay;
    const length = (learningRate * rate) / (1 - beta1 ** t);
    move(values, gradient, mean, square, remains, length, Math.sqrt(1 - beta2 ** t), clip);
  }
}

function move(
  values: Float32Array,
  gradient: Float32Array,
  mean: Float32Array,
  square: Float32Array,
  remains: number,
  length: number,
  correction: number,
  clip: number,
): void {
  const { beta1, beta2, epsilon } = ADAM;
  for (let k = 0; k < values.length; k++) {
    const g = gradient[k] * clip;
    const m = beta1 * mean[k] + (1 - beta1) * g;
    const v = beta2 * square[k] + (1 - beta2) * g * g;
    mean[k] = m;
    square[k] = v;
    values[k] = values[k] * remains - (length * m) / (Math.sqrt(v) / correction + epsilon);
  }
}
