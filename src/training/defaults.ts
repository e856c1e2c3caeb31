import type { LearningRates } from './options.ts';

/** Learning rates where nothing is said. */
export const DEFAULT_RATES: LearningRates = { mask: 0.003, readout: 0.01, backbone: 0.00001 };

/** Weight decays where nothing is said, as torch.optim's; adam has none. */
export const DEFAULT_DECAYS = { adam: 0, adamw: 0.01 } as const;
