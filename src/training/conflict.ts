/** Settings that each are fine and may not be together. */
interface Together {
  readonly train: string;
  readonly trainFrom?: string | undefined;
  readonly optimiser: string;
  readonly weightDecay?: number | undefined;
  readonly patience: 'none' | number;
  readonly holdout?: object | undefined;
}

/** The first setting that cannot stand beside another, as a sentence; undefined where all can. */
export function trainingConflict(settings: Together): string | undefined {
  const { train, trainFrom, optimiser, weightDecay = 0, patience, holdout } = settings;
  if (trainFrom !== undefined && train !== 'all') {
    return `encoder.trainFrom: expected encoder.train: all beside it, got ${train}, which changes no weights; leave it out or train all`;
  }
  if (optimiser === 'adam' && weightDecay !== 0) {
    return 'training.weightDecay: expected training.optimiser: adamw beside it, got adam, which has no decay; name adamw or leave it out';
  }
  if (patience !== 'none' && holdout === undefined) {
    return 'training.patience: expected a training.holdout beside it, got none; without one no epoch is better than another';
  }
  return undefined;
}
