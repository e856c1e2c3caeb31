import type { ChallengeVariable } from '../../rdm/benchmarks.ts';
import { layered, type PresetName } from '../settings/presets.ts';
import { parseStudy, type Study } from '../settings/study-file.ts';
import type { ChallengeData } from './challenge-data.ts';

/** A row of the paper's Table 1. */
export interface PaperRow {
  /** Name of its run's folder. */
  readonly key: 'evc' | 'it' | 'meg_early' | 'meg_late';
  readonly label: string;
  readonly variable: ChallengeVariable;
  readonly preset: PresetName;
  /** RDMs that it learns from, its own first. */
  readonly learnsFrom: readonly ChallengeVariable[];
  /** The paper's % of the noise ceiling on the 78 images. */
  readonly paper: number;
}

/**
 * Table 1.
 * @source Gaziv 2019, "Learning to aggregate feature representations"
 */
export const PAPER_ROWS: readonly PaperRow[] = [
  {
    ...{ key: 'evc', label: 'fMRI EVC', variable: 'EVC_RDMs', preset: 'gaziv2019-evc', paper: 24.93 },
    learnsFrom: ['EVC_RDMs', 'MEG_RDMs_early'],
  },
  {
    ...{ key: 'it', label: 'fMRI IT', variable: 'IT_RDMs', preset: 'gaziv2019-it', paper: 15.55 },
    learnsFrom: ['IT_RDMs'],
  },
  {
    ...{
      key: 'meg_early',
      label: 'MEG early',
      variable: 'MEG_RDMs_early',
      preset: 'gaziv2019-meg-early',
      paper: 51.21,
    },
    learnsFrom: ['MEG_RDMs_early'],
  },
  {
    ...{ key: 'meg_late', label: 'MEG late', variable: 'MEG_RDMs_late', preset: 'gaziv2019-meg-late', paper: 35.1 },
    learnsFrom: ['MEG_RDMs_late'],
  },
];

/** The paper's scores of the two tracks, % of the noise ceiling. */
export const PAPER_TRACKS = { fmri: 20.21, meg: 42.26 } as const;

/**
 * Settings that make minutes of hours: the mask learns alone at first, from pair statistics; then the network's last stage with it for an epoch of
 * large cliques. Images are not cropped anew, so that what is below is computed once.
 */
const QUICK: Readonly<Record<'all' | 'mask', object>> = {
  all: { encoder: { trainFrom: 'layer4' }, training: { epochs: 1, maskEpochs: 5, crop: 'none', cliqueSize: 24 } },
  mask: { training: { epochs: 5, crop: 'none' } },
};

/** What comes of `--quick`, in a line: which configurations learn what. */
export function quickSaid(configurations: readonly Configuration[]): string {
  const learns = new Map<string, string[]>();
  for (const { label, study } of configurations) {
    const what = learningOf(study);
    learns.set(what, [...(learns.get(what) ?? []), label]);
  }
  const listed = [...learns].map(([what, labels]) => `${labels.join(', ')} ${what}`).join('; ');
  return `quick: ${listed}: these are not the paper's settings`;
}

function learningOf({ encoder, training }: Study): string {
  const { epochs, maskEpochs, sampler, cliqueSize, batch, crop } = training;
  const windows = crop === 'none' ? 'no random crops' : 'random crops';
  if (encoder.train === 'mask') return `${counted(epochs)} of the mask, ${windows}`;
  const step = sampler === 'cliques' ? `cliques of ${cliqueSize}` : `batches of ${batch} pairs`;
  const first = maskEpochs === 0 ? '' : `${counted(maskEpochs)} of the mask, then `;
  return `${first}${counted(epochs)} of ${encoder.trainFrom ?? 'the network'} with it in ${step}, ${windows}`;
}

function counted(epochs: number): string {
  return epochs === 1 ? '1 epoch' : `${epochs} epochs`;
}

/** How the studies of a reproduction differ from their presets. */
export interface ReproductionSettings {
  /** Settings of the network, over the presets'. */
  readonly backbone: object;
  readonly quick: boolean;
  /** Changes as `--set` gives them, to all studies. */
  readonly overrides: readonly string[];
}

/** A row of the table and the study that learns for it. */
export interface Configuration extends PaperRow {
  readonly study: Study;
}

/**
 * The studies that the data allow: for each row of the table its preset on those of its RDMs that are there.
 * @throws UsageError where a setting cannot be used
 */
export function challengeStudies(
  { training }: ChallengeData,
  { backbone, quick, overrides }: ReproductionSettings,
): Configuration[] {
  return PAPER_ROWS.flatMap((row) => {
    const found = row.learnsFrom.flatMap((of) =>
      training.flatMap(({ nImages, images, targets: { [of]: target } }) =>
        target === undefined ? [] : [{ of, nImages, images, ...target }],
      ),
    );
    if (!found.some(({ of }) => of === row.variable)) return [];
    const data = found.map(({ of, nImages, nTimes: _, ...entry }) => ({ ...entry, name: `${setName(of)} ${nImages}` }));
    const drawn = row.preset !== 'gaziv2019-it' && found.some(({ nTimes }) => nTimes > 1);
    const settings = {
      ...{ preset: row.preset, backbone, data },
      training: drawn ? {} : { time: 'mean' },
    };
    const parsed = (of: object) => parseStudy(JSON.stringify(of), `reproduce, ${row.label}`, overrides);
    const study = quick ? quicker(settings, parsed) : parsed(settings);
    return [{ ...row, study }];
  });
}

/** What is learnt says what makes it quick, and `--set` may say what is learnt. */
function quicker(settings: object, parsed: (settings: object) => Study): Study {
  const ofMask = parsed(layered(QUICK.mask, settings));
  return ofMask.encoder.train === 'mask' ? ofMask : parsed(layered(QUICK.all, settings));
}

/** How results call a data set: `EVC`, `MEG early`. */
export function setName(variable: ChallengeVariable): string {
  return variable.replace('_RDMs', '').replace('_', ' ');
}

/** What the challenge had and these data have not, a line each. */
export function missingData(
  { training, test }: ChallengeData,
  sizes: { readonly training: readonly number[]; readonly test: number },
): string[] {
  const missing: string[] = [];
  for (const nImages of sizes.training) {
    const set = training.find((each) => each.nImages === nImages);
    if (set === undefined) {
      missing.push(`the set of ${nImages} images: learnt without it`);
      continue;
    }
    const absent = PAPER_ROWS.filter(({ variable }) => set.targets[variable] === undefined);
    if (absent.length > 0) {
      missing.push(
        `RDMs of the ${nImages} images for ${absent.map(({ label }) => label).join(', ')}: learnt without them`,
      );
    }
  }
  for (const { nImages, targets } of training) {
    const averaged = PAPER_ROWS.filter(({ variable }) => variable.startsWith('MEG') && targets[variable]?.nTimes === 1);
    if (averaged.length > 0) {
      missing.push(
        `time-resolved RDMs of the ${nImages} images for ${averaged.map(({ label }) => label).join(', ')}: these are means over time, of which no time points are drawn`,
      );
    }
  }
  if (test === undefined) missing.push(`the ${sizes.test} test images: nothing is predicted`);
  const untold = PAPER_ROWS.filter(({ variable }) => test?.targets[variable] === undefined);
  if (test !== undefined && untold.length > 0) {
    const which = untold.length === PAPER_ROWS.length ? '' : ` for ${untold.map(({ label }) => label).join(', ')}`;
    missing.push(`RDMs of the ${sizes.test} test images${which}: what is predicted there cannot be scored`);
  }
  return missing;
}
