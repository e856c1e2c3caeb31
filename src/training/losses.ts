/** How a prediction is held against all subjects' values of its pair at once. */
export type LossName = 'l1' | 'mse';

/** The mean over subjects of a loss of the residual, and its derivative with respect to the prediction. */
export interface Loss {
  /** @param values subjects' values; those of the pair are at `first` ... `end - 1` */
  value(prediction: number, values: Float64Array, first: number, end: number): number;
  derivative(prediction: number, values: Float64Array, first: number, end: number): number;
}

/** The losses by name. */
export const LOSSES: Readonly<Record<LossName, Loss>> = {
  /** mean_s |p - t_s|; where p meets t_s the subgradient taken is 0. */
  l1: {
    value(prediction, values, first, end) {
      let sum = 0;
      for (let k = first; k < end; k++) sum += Math.abs(prediction - values[k]);
      return sum / (end - first);
    },
    derivative(prediction, values, first, end) {
      let sum = 0;
      for (let k = first; k < end; k++) sum += Math.sign(prediction - values[k]);
      return sum / (end - first);
    },
  },
  /** mean_s (p - t_s)^2 */
  mse: {
    value(prediction, values, first, end) {
      let sum = 0;
      for (let k = first; k < end; k++) sum += (prediction - values[k]) ** 2;
      return sum / (end - first);
    },
    derivative(prediction, values, first, end) {
      let sum = 0;
      for (let k = first; k < end; k++) sum += prediction - values[k];
      return (2 * sum) / (end - first);
    },
  },
};
