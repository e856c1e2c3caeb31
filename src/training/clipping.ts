/** Sum of squares over all arrays: of parts of a gradient these add up to the square of its norm. */
export function squaredNorm(arrays: readonly ArrayLike<number>[]): number {
  let sum = 0;
  for (const values of arrays) for (let k = 0; k < values.length; k++) sum += values[k] * values[k];
  return sum;
}

/**
 * What a gradient is multiplied by so that its norm stays within bounds: min(1, largest / (norm + 1e-6)).
 * @param norm of the whole gradient, over all groups of parameters
 * @source torch.nn.utils.clip_grad_norm_
 */
export function clipFactor(norm: number, largest: 'none' | number): number {
  return largest === 'none' ? 1 : Math.min(1, largest / (norm + 1e-6));
}

/** Clips a gradient in place by the norm over all of its arrays. */
export function clipGradients(gradients: readonly Float64Array[], largest: 'none' | number): void {
  if (largest === 'none') return;
  const factor = clipFactor(Math.sqrt(squaredNorm(gradients)), largest);
  if (factor === 1) return;
  for (const values of gradients) for (let k = 0; k < values.length; k++) values[k] *= factor;
}
