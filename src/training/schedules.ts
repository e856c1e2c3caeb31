/** How learning rates change over a fit. */
export type ScheduleName = 'constant' | 'cosine';

/** The factor on all learning rates after warm-up: of the part of the remaining steps that is done, from 0 to below 1. */
export const SCHEDULES: Readonly<Record<ScheduleName, (part: number) => number>> = {
  constant: () => 1,
  /** (1 + cos(pi part)) / 2, from 1 down to nearly 0. */
  cosine: (part) => (1 + Math.cos(Math.PI * part)) / 2,
};

/**
 * The factor on all learning rates at each step of a fit.
 *
 * Warm-up is linear: step t of its W steps has factor (t + 1) / W. What remains follows the schedule, with part (t - W) / (nSteps - W).
 * @param warmup in epochs; a fraction of one is rounded to whole steps
 * @param stepsPerEpoch
 * @param nSteps of the whole fit
 * @returns the factor of a step counted from 0 over the whole fit
 * @source torch.optim.lr_scheduler: LinearLR from 1 / W, then CosineAnnealingLR
 */
export function rateFactors(
  { kind, warmup }: { readonly kind: ScheduleName; readonly warmup: number },
  { stepsPerEpoch, nSteps }: { readonly stepsPerEpoch: number; readonly nSteps: number },
): (step: number) => number {
  const nWarmup = Math.min(nSteps, Math.round(warmup * stepsPerEpoch));
  return (step) =>
    step < nWarmup ? (step + 1) / nWarmup : SCHEDULES[kind]((step - nWarmup) / Math.max(1, nSteps - nWarmup));
}
