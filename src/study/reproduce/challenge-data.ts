import { FormatError, UsageError } from '../../core/errors.ts';
import type { ListFolder } from '../../core/folder-listing.ts';
import { openFile } from '../../formats/open.ts';
import { hasImageEnding } from '../../images/signature.ts';
import type { ChallengeVariable } from '../../rdm/benchmarks.ts';
import { type Environment, withSource } from '../environment.ts';
import { readRdmAxes } from '../rdms/rdm-axes.ts';

/** Subjects' RDMs of one image set. */
export interface ChallengeTarget {
  readonly rdms: string;
  /** In a file of several arrays. */
  readonly variable?: string;
  readonly nTimes: number;
}

/** One of the challenge's image sets, as it was found. */
export interface ChallengeSet {
  readonly nImages: number;
  /** Folder of its images. */
  readonly images: string;
  readonly targets: Readonly<Partial<Record<ChallengeVariable, ChallengeTarget>>>;
}

/** The challenge's data, as far as they are there. */
export interface ChallengeData {
  readonly training: readonly ChallengeSet[];
  readonly test: ChallengeSet | undefined;
}

/** Numbers of images by which the sets are known. */
export interface ChallengeSizes {
  readonly training: readonly number[];
  readonly test: number;
}

/** The 2019 challenge's. */
export const CHALLENGE_SIZES: ChallengeSizes = { training: [92, 118], test: 78 };

interface Folder {
  readonly path: string;
  readonly above: Folder | undefined;
  /** Its own name and that of the folder above it. */
  readonly names: readonly string[];
  readonly files: readonly string[];
  readonly nImages: number;
}

const DEEPEST = 5;
const MOST_FOLDERS = 2000;

/**
 * Finds the challenge's image sets and RDMs under a folder, whether it is laid out as the challenge's download
 * (`Training_Data/92_Image_Set/{92images/, target_fmri.mat, target_meg.mat}`, `Test_Data/78images/`) or plainly
 * (`92/{images/, target_fmri.mat, meg_early_*.npy}`): a set is a folder of so many images whose name, or that of the folder above, has
 * their number in it; its RDMs lie beside that folder or in it, and are of as many conditions.
 * @throws UsageError where there is no such folder, or neither of the training sets
 */
export async function findChallengeData(
  root: string,
  environment: Environment,
  listFolder: ListFolder,
  sizes: ChallengeSizes = CHALLENGE_SIZES,
): Promise<ChallengeData> {
  const folders = await foldersUnder(root, environment, listFolder);
  const find = async (nImages: number): Promise<ChallengeSet | undefined> => {
    const found = folders.find((folder) => folder.nImages === nImages && folder.names.some(isNamed(nImages)));
    if (found === undefined) return undefined;
    const places = found.above === undefined ? [found] : [found.above, found];
    return { nImages, images: found.path, targets: await targetsIn(places, nImages, environment) };
  };
  const training: ChallengeSet[] = [];
  for (const nImages of sizes.training) {
    const set = await find(nImages);
    if (set !== undefined) training.push(set);
  }
  if (training.length === 0) {
    const wanted = sizes.training.map((n) => `${n}images with ${n} images`).join(' or ');
    throw new UsageError(
      `${root}: expected the challenge's data, a folder such as ${wanted} and target_fmri.mat beside it, found none; name the folder that holds Training_Data`,
    );
  }
  return { training, test: await find(sizes.test) };
}

async function foldersUnder(root: string, { joinPath }: Environment, listFolder: ListFolder): Promise<Folder[]> {
  const folders: Folder[] = [];
  let level: Pick<Folder, 'path' | 'names' | 'above'>[] = [{ path: root, names: [lastName(root)], above: undefined }];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    const below: typeof level = [];
    for (const { path, names, above } of level) {
      const listing = folders.length < MOST_FOLDERS ? await listFolder(path) : undefined;
      if (listing === undefined) {
        if (path === root) throw new UsageError(`${root}: expected a folder with the challenge's data, found none`);
        continue;
      }
      const { files } = listing;
      const folder = { path, names, above, files, nImages: files.filter(hasImageEnding).length };
      folders.push(folder);
      for (const name of listing.folders) {
        below.push({ path: joinPath(path, name), names: [name, names[0]], above: folder });
      }
    }
    level = below;
  }
  return folders;
}

/** Whether a folder is called by a number: `92`, `92images`, `92_Image_Set`, but not `1920`. */
function isNamed(nImages: number): (name: string) => boolean {
  const pattern = new RegExp(`(^|\\D)${nImages}(\\D|$)`);
  return (name) => pattern.test(name);
}

/** Files of one array, which do not name it. */
const FILES_OF_ONE: readonly (readonly [RegExp, ChallengeVariable])[] = [
  [/meg[_-]?early/i, 'MEG_RDMs_early'],
  [/meg[_-]?late/i, 'MEG_RDMs_late'],
];
const VARIABLES: readonly string[] = ['EVC_RDMs', 'IT_RDMs', 'MEG_RDMs_early', 'MEG_RDMs_late'];

async function targetsIn(
  places: readonly Folder[],
  nImages: number,
  environment: Environment,
): Promise<ChallengeSet['targets']> {
  const targets = new Map<string, ChallengeTarget>();
  const paths = places.flatMap(({ path, files }) =>
    files
      .filter((file) => /\.(mat|npy|npz)$/i.test(file) && /fmri|meg/i.test(file) && !/submi|example/i.test(file))
      .sort((a, b) => Number(/^target/i.test(b)) - Number(/^target/i.test(a)))
      .map((file) => ({ file, path: environment.joinPath(path, file) })),
  );
  for (const { file, path } of paths) {
    for (const [name, target] of await targetsOf(file, path, nImages, environment)) {
      const before = targets.get(name);
      if (before === undefined || before.nTimes < target.nTimes) targets.set(name, target);
    }
  }
  return Object.fromEntries(targets);
}

async function targetsOf(
  file: string,
  path: string,
  nImages: number,
  environment: Environment,
): Promise<(readonly [string, ChallengeTarget])[]> {
  return withSource(environment, path, async (source) => {
    const { entries } = await openFile(source);
    const ofOne = entries.length === 1 ? FILES_OF_ONE.find(([pattern]) => pattern.test(file))?.[1] : undefined;
    return entries.flatMap(({ name, shape }) => {
      const variable = VARIABLES.includes(name) ? name : ofOne;
      const axes = readRdmAxes(shape);
      if (variable === undefined || axes === null) return [];
      if ('misordered' in axes) throw new FormatError(path, axes.misordered, name);
      const { nConditions, nTimes } = axes.readings[0];
      if (nConditions !== nImages) return [];
      return [[variable, { rdms: path, nTimes, ...(VARIABLES.includes(name) && { variable: name }) }] as const];
    });
  });
}

function lastName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? '';
}
