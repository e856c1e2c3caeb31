import { UsageError } from '../../core/errors.ts';
import { LARGEST_SEED } from '../../core/random.ts';
import { trainingConflict } from '../../training/conflict.ts';
import { DEFAULT_DECAYS } from '../../training/defaults.ts';
import type { Study, StudySettings } from './study-schema.ts';

/** Settings that each are fine and cannot be together: a sentence, or nothing where they can. */
type Conflict = (settings: StudySettings) => string | undefined;

const CONFLICTS: readonly Conflict[] = [
  ({ encoder, training }) => trainingConflict({ ...encoder, ...training }),
  ({ encoder, backbone }) =>
    encoder.train === 'all' && isFile(backbone)
      ? `encoder.train: expected mask with ${backbone.architecture}, got all; features that are computed already have no weights to train, name the network`
      : undefined,
  ({ encoder, backbone }) =>
    encoder.train === 'all' && backbone.architecture === 'gabor'
      ? 'encoder.train: expected mask with gabor, got all; that network has no weights to train'
      : undefined,
  ({ encoder, backbone }) =>
    encoder.mask === 'feature' && isFile(backbone)
      ? `encoder.mask: expected stage, channel or split with ${backbone.architecture}, got feature; a value a feature is learnt on the network itself, name it`
      : undefined,
  ({ training, backbone }) =>
    training.crop === 'random' && isFile(backbone)
      ? `training.crop: expected none with ${backbone.architecture}, got random; features that are computed already cannot be of other crops, name the network`
      : undefined,
  ({ training: { schedule, epochs } }) =>
    schedule.warmup > epochs
      ? `training.schedule.warmup: expected at most the ${epochs} of training.epochs, got ${schedule.warmup}; the rates would never be reached`
      : undefined,
  ({ training: { seed, seeds } }) =>
    seed + seeds - 1 > LARGEST_SEED
      ? `training.seeds: expected seeds up to ${LARGEST_SEED}, got ${seeds} from ${seed}; take a smaller seed`
      : undefined,
];

/**
 * Checks settings that are fine one by one beside each other, and fills in the defaults that rest on others.
 * @param settings as the schema gives them
 * @param name where they come from; leads the message
 * @throws UsageError naming the first setting that cannot stand beside another
 */
export function settleTogether(settings: StudySettings, name: string): Study {
  for (const conflict of CONFLICTS) {
    const sentence = conflict(settings);
    if (sentence !== undefined) throw new UsageError(`${name}: ${sentence}`);
  }
  const { encoder, training } = settings;
  const { sampler = encoder.train === 'all' ? 'cliques' : 'pairs', weightDecay = DEFAULT_DECAYS[training.optimiser] } =
    training;
  return { ...settings, training: { ...training, sampler, weightDecay } };
}

function isFile({ architecture }: StudySettings['backbone']): boolean {
  return architecture.startsWith('features:');
}
