/** How gradients become steps. */
export type OptimiserName = 'adam';

/** Parameters that share a learning rate; a step changes `values` in place. */
export interface ParameterGroup {
  readonly values: Float64Array;
  readonly learningRate: number;
}

/** All an optimiser keeps between steps, as plain data. */
export interface OptimiserState {
  readonly step: number;
  /** For each group its arrays of memory, each as long as the group's values. */
  readonly memory: readonly (readonly Float64Array[])[];
}

/** Moves parameters against their gradients. */
export interface Optimiser {
  /** @param gradients for each group the loss's derivatives with respect to its values */
  step(gradients: readonly Float64Array[]): void;
  /** A copy of what it keeps; together with the parameters' values enough to go on as if never stopped. */
  state(): OptimiserState;
}

/** Makes an optimiser of these parameters; `restored` is the state of one it goes on from. */
export type CreateOptimiser = (groups: readonly ParameterGroup[], restored?: OptimiserState) => Optimiser;

/** The optimisers by name. */
export const OPTIMISERS: Readonly<Record<OptimiserName, CreateOptimiser>> = {
  /**
   * Adam with PyTorch's defaults: beta1 0.9, beta2 0.999, epsilon 1e-8, no weight decay.
   * step t: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, x -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
   * @source Kingma and Ba 2015; torch.optim.Adam
   */
  adam(groups, restored) {
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    let t = restored?.step ?? 0;
    const memory = groups.map(({ values }, k) => {
      const [mean, square] = restored?.memory[k] ?? [];
      return {
        mean: mean?.slice() ?? new Float64Array(values.length),
        square: square?.slice() ?? new Float64Array(values.length),
      };
    });
    return {
      step(gradients) {
        t++;
        const correction2 = Math.sqrt(1 - beta2 ** t);
        for (let group = 0; group < groups.length; group++) {
          const { values, learningRate } = groups[group];
          const { mean, square } = memory[group];
          const gradient = gradients[group];
          const rate = learningRate / (1 - beta1 ** t);
          for (let k = 0; k < values.length; k++) {
            const g = gradient[k];
            mean[k] = beta1 * mean[k] + (1 - beta1) * g;
            square[k] = beta2 * square[k] + (1 - beta2) * g * g;
            values[k] -= (rate * mean[k]) / (Math.sqrt(square[k]) / correction2 + epsilon);
          }
        }
      },
      state: () => ({ step: t, memory: memory.map(({ mean, square }) => [mean.slice(), square.slice()]) }),
    };
  },
};
