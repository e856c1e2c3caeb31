import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { extname, join } from 'node:path';
import { checkStudy, type Study } from '../src/study/settings/study-file.ts';

/** The four targets of the 2019 challenge, and where their RDMs lie in a set's folder. */
export const TARGETS = [
  { name: 'EVC', file: 'target_fmri.mat', variable: 'EVC_RDMs' },
  { name: 'IT', file: 'target_fmri.mat', variable: 'IT_RDMs' },
  { name: 'MEG early', file: 'meg_early_tavg.npy' },
  { name: 'MEG late', file: 'meg_late_tavg.npy' },
] as const;

/** The two image sets whose RDMs are public. */
export const IMAGE_SETS = ['92', '118'] as const;
export type ImageSet = (typeof IMAGE_SETS)[number];

/** Folder that holds `data/` and `weights/`. */
export function dataFolder(): string {
  const folder = process.env['HYPERCOLUMN_DATA'];
  if (folder === undefined) throw new Error('set HYPERCOLUMN_DATA to the folder that holds data/ and weights/');
  return folder;
}

/** Makes a folder of as many images as asked for: links to those of both sets, over and over. */
export function linkImages(folder: string, nImages: number): void {
  const originals = IMAGE_SETS.flatMap((set) => {
    const from = join(dataFolder(), 'data', 'algonauts2019', set, 'images');
    return readdirSync(from).map((name) => join(from, name));
  });
  mkdirSync(folder);
  for (let k = 0; k < nImages; k++) {
    const original = originals[k % originals.length];
    symlinkSync(original, join(folder, `${k}${extname(original)}`));
  }
}

/** One target's RDMs of one image set. */
export interface ChallengeSet {
  readonly images: ImageSet;
  readonly target: (typeof TARGETS)[number];
}

/** A study of some of the challenge's sets and targets, ResNet-50, images squashed. */
export function algonautsStudy(
  sets: readonly ChallengeSet[],
  settings: {
    readonly backbone?: object;
    readonly encoder?: object;
    readonly training?: object;
    readonly test?: readonly ChallengeSet[];
  } = {},
): Study {
  const folder = dataFolder();
  return checkStudy({
    backbone: {
      architecture: 'resnet50',
      weights: join(folder, 'weights', 'resnet50.safetensors'),
      stages: 5,
      preprocess: 'squash',
      ...settings.backbone,
    },
    encoder: settings.encoder ?? {},
    training: settings.training ?? {},
    data: sets.map((set) => dataSet(folder, set)),
    test: (settings.test ?? []).map((set) => dataSet(folder, set)),
  });
}

function dataSet(folder: string, { images, target }: ChallengeSet): object {
  const data = join(folder, 'data', 'algonauts2019', images);
  return {
    name: `${target.name} ${images}`,
    images: join(data, 'images'),
    rdms: join(data, target.file),
    ...('variable' in target && { variable: target.variable }),
  };
}
