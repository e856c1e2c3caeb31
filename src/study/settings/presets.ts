import { UsageError } from '../../core/errors.ts';

/** Settings of a study, as a file says them, but its data. */
export interface Preset {
  /** What it is, in a line. */
  readonly summary: string;
  readonly settings: Readonly<Record<'backbone' | 'encoder' | 'training', Readonly<Record<string, unknown>>>>;
}

/** The paper's network, its five stages, a mask value a channel that starts at 1 and meets the RDMs as 1 - r itself. */
const PAPER = {
  backbone: { architecture: 'se_resnext50_32x4d', stages: 5, preprocess: 'crop' },
  encoder: { mask: 'channel', scale: 'none', readout: 'identity' },
  training: {
    loss: 'l1',
    optimiser: 'adam',
    crop: 'random',
    // The paper splits pairs, whose images are then learnt from all the same.
    holdout: { by: 'image', fraction: 0.1 },
  },
} as const;

const TRAIN_MASK: Preset['settings'] = {
  ...PAPER,
  encoder: { ...PAPER.encoder, train: 'mask' },
  training: { ...PAPER.training, batch: 40, learningRate: 0.01, reliability: 'none', epochs: 15 },
};

const TRAIN_ALL: Preset['settings'] = {
  ...PAPER,
  encoder: { ...PAPER.encoder, train: 'all' },
  training: {
    ...PAPER.training,
    maskEpochs: 0,
    // The paper's 40 random pairs want up to 80 images through the network a step; 12 images have 66 pairs.
    sampler: 'cliques',
    cliqueSize: 12,
    learningRate: { mask: 0.01, readout: 0.01, backbone: 0.00001 },
    reliability: { alpha: 0.25, beta: 1 },
    time: { centre: 0.5, width: 0.25 },
  },
};

function trainAll(epochs: number): Preset['settings'] {
  return { ...TRAIN_ALL, training: { ...TRAIN_ALL.training, epochs } };
}

/**
 * Settings by name: the four configurations of the paper's Table 1, as far as it tells them. What it does not tell, or what does not work as
 * told, is told by `paperDeviations`.
 * @source Gaziv 2019, "Learning to aggregate feature representations", Table 1 and section 2
 */
export const PRESETS = {
  'gaziv2019-evc': {
    summary: 'fMRI EVC: fMRI and MEG RDMs, times drawn, all weights, reliability weights, 15 epochs',
    settings: trainAll(15),
  },
  'gaziv2019-it': {
    summary: 'fMRI IT: fMRI RDMs alone, the mask alone, no reliability weights, 15 epochs',
    settings: TRAIN_MASK,
  },
  'gaziv2019-meg-early': {
    summary: 'MEG early: MEG RDMs alone, times drawn, all weights, reliability weights, 40 epochs',
    settings: trainAll(40),
  },
  'gaziv2019-meg-late': {
    summary: 'MEG late: MEG RDMs alone, times drawn, all weights, reliability weights, 40 epochs',
    settings: trainAll(40),
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** A preset's name. */
export type PresetName = keyof typeof PRESETS;

/** All of them. */
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

/**
 * A study's settings over those of the preset that it names: what it says itself wins, setting by setting. Without a `preset` they are
 * what they were. A setting that is null is as if it were not there, in a preset too.
 * @param name where the settings come from; leads the message
 * @throws UsageError where there is no such preset
 */
export function overPreset(settings: Record<string, unknown>, name: string): Record<string, unknown> {
  if (!Object.hasOwn(settings, 'preset')) return layered({}, settings);
  const { preset, ...own } = settings;
  if (typeof preset !== 'string' || !Object.hasOwn(PRESETS, preset)) {
    throw new UsageError(`${name}: preset: expected ${PRESET_NAMES.join(', ')}, got ${JSON.stringify(preset)}`);
  }
  return layered(PRESETS[preset as PresetName].settings, own);
}

/** Of two trees of settings the upper one where it says something, else the lower one; null takes away what is below, and itself. */
export function layered(lower: object, upper: object): Record<string, unknown> {
  const merged = new Map<string, unknown>(Object.entries(lower));
  for (const [key, value] of Object.entries(upper)) {
    const below = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, overValue(below, value));
  }
  return Object.fromEntries(merged);
}

function overValue(below: unknown, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (isTree(item) ? layered({}, item) : item));
  return isTree(value) ? layered(isTree(below) ? below : {}, value) : value;
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
