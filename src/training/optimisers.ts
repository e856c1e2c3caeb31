/** How gradients become steps. */
export type OptimiserName = 'adam' | 'adamw';

/** Parameters that share a learning rate; a step changes `values` in place. */
export interface ParameterGroup {
  readonly values: Float64Array;
  readonly learningRate: number;
  /** Of `adamw`: the part of a value that a step of rate 1 takes away; 0 where nothing is said. */
  readonly weightDecay?: number;
}

/** All an optimiser keeps between steps, as plain data. */
export interface OptimiserState {
  readonly step: number;
  /** For each group its arrays of memory, each as long as the group's values. */
  readonly memory: readonly (readonly Float64Array[])[];
}

/** Moves parameters against their gradients. */
export interface Optimiser {
  /**
   * @param gradients for each group the loss's derivatives with respect to its values
   * @param rate a factor on all groups' learning rates at this step
   */
  step(gradients: readonly Float64Array[], rate?: number): void;
  /** A copy of what it keeps; together with the parameters' values enough to go on as if never stopped. */
  state(): OptimiserState;
}

/** Makes an optimiser of these parameters; `restored` is the state of one it goes on from. */
export type CreateOptimiser = (groups: readonly ParameterGroup[], restored?: OptimiserState) => Optimiser;

/** Decay rates of the two moments and what keeps the step finite: PyTorch's defaults. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** The optimisers by name. */
export const OPTIMISERS: Readonly<Record<OptimiserName, CreateOptimiser>> = {
  /**
   * Adam with PyTorch's defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, no weight decay.
   * step t: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, x -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
   * @source Kingma and Ba 2015; torch.optim.Adam
   */
  adam: (groups, restored) =>
    adamOf(
      groups.map((group) => ({ ...group, weightDecay: 0 })),
      restored,
    ),
  /**
   * Adam with decoupled weight decay: before each step x *= 1 - rate weightDecay.
   * @source Loshchilov and Hutter 2019; torch.optim.AdamW
   */
  adamw: adamOf,
};

function adamOf(groups: readonly ParameterGroup[], restored?: OptimiserState): Optimiser {
  const { beta1, beta2, epsilon } = ADAM;
  let t = restored?.step ?? 0;
  const memory = groups.map(({ values }, k) => {
    const [mean, square] = restored?.memory[k] ?? [];
    return {
      mean: mean?.slice() ?? new Float64Array(values.length),
      square: square?.slice() ?? new Float64Array(values.length),
    };
  });
  return {
    step(gradients, factor = 1) {
      t++;
      const correction2 = Math.sqrt(1 - beta2 ** t);
      for (let group = 0; group < groups.length; group++) {
        const { values, learningRate, weightDecay = 0 } = groups[group];
        const { mean, square } = memory[group];
        const gradient = gradients[group];
        const remains = 1 - learningRate * factor * weightDecay;
        const rate = (learningRate * factor) / (1 - beta1 ** t);
        for (let k = 0; k < values.length; k++) {
          const g = gradient[k];
          mean[k] = beta1 * mean[k] + (1 - beta1) * g;
          square[k] = beta2 * square[k] + (1 - beta2) * g * g;
          values[k] = values[k] * remains - (rate * mean[k]) / (Math.sqrt(square[k]) / correction2 + epsilon);
        }
      }
    },
    state: () => ({ step: t, memory: memory.map(({ mean, square }) => [mean.slice(), square.slice()]) }),
  };
}
