import { digestText } from '../core/digest.ts';
import { FormatError, ShapeError } from '../core/errors.ts';
import { readCategories, readNames } from '../formats/names-csv.ts';
import { openFile } from '../formats/open.ts';
import type { Stimulus } from '../images/image.ts';
import { amongImages, positionsInOrder } from '../images/order.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import { assertComparable } from './ceiling.ts';
import { type Environment, withSource } from './environment.ts';
import { readRdmStack } from './rdms/targets.ts';
import type { StudyDataSet } from './settings/study-file.ts';

/** One entry of a study's `data` or `test` before any network has run: images, and the subjects' RDMs of the same images in the same order. */
export interface StudyImages {
  readonly name: string;
  /** Entries that show images of one folder have the same. */
  readonly imageSet: string;
  readonly stimuli: readonly Stimulus[];
  readonly targets: RdmStack;
  /** Category of each image, where the entry names `labels`. */
  readonly labels: readonly string[] | null;
  /** Where the RDMs are, for those who read them again. */
  readonly source: { readonly rdms: string; readonly variable?: string };
}

/** What it takes of the platform to read images and RDMs. */
type ImageReader = Pick<Environment, 'openSource' | 'listImages' | 'onNotice'>;

/**
 * The images and RDMs of each entry of a study's `data` or `test`. All files are read and matched before a network runs, so that a mistake in the last
 * costs no time.
 * @throws UsageError, ShapeError or FormatError where images and RDMs do not fit each other
 */
export async function readStudyImages(data: readonly StudyDataSet[], environment: ImageReader): Promise<StudyImages[]> {
  const targets: Awaited<ReturnType<typeof targetOf>>[] = [];
  for (const entry of data) targets.push(await targetOf(entry, environment));
  const names = setNames(data);
  const imageSets = await imageSetNames(targets);
  return targets.map(({ entry, stimuli, stack, labels }, k) => ({
    name: names[k],
    imageSet: imageSets.get(entry.images)!,
    stimuli,
    targets: { ...stack, conditions: stimuli.map(({ name }) => name) },
    labels,
    source: { rdms: entry.rdms, ...(entry.variable !== undefined && { variable: entry.variable }) },
  }));
}

/**
 * What each folder's images are called where random numbers are drawn for them: by the names of those that any entry shows, so that a study
 * that moves to another place, or whose folder gets further files, holds out and permutes the same. Folders with the same names are numbered.
 */
async function imageSetNames(
  targets: readonly {
    readonly entry: StudyDataSet;
    readonly folder: readonly Stimulus[];
    readonly stimuli: readonly Stimulus[];
  }[],
): Promise<Map<string, string>> {
  const called = new Map<string, string>();
  for (const { entry, folder } of targets) {
    if (called.has(entry.images)) continue;
    const ofFolder = targets.filter((other) => other.entry.images === entry.images);
    const shown = new Set(ofFolder.flatMap(({ stimuli }) => stimuli.map(({ name }) => name)));
    const names = folder.map(({ name }) => name).filter((name) => shown.has(name));
    const digest = await digestText(JSON.stringify(names));
    const nAlike = [...called.values()].filter((other) => other.startsWith(digest)).length;
    called.set(entry.images, nAlike === 0 ? digest : `${digest} (${nAlike + 1})`);
  }
  return called;
}

/** What results call each data set: its name, else its variable, else its file; doubles are numbered. */
export function setNames(data: readonly StudyDataSet[]): string[] {
  const taken = new Set<string>();
  return data.map(({ name, variable, rdms }) => {
    const base = name ?? variable ?? rdms.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
    let called = base;
    for (let times = 2; taken.has(called); times++) called = `${base} (${times})`;
    taken.add(called);
    return called;
  });
}

/** An entry's RDMs beside the images of their rows. */
async function targetOf(entry: StudyDataSet, environment: ImageReader) {
  const stack = await withSource(environment, entry.rdms, async (source) =>
    readRdmStack(await openFile(source), {
      path: entry.rdms,
      ...(entry.variable !== undefined && { variable: entry.variable }),
      onNotice: environment.onNotice,
    }),
  );
  assertComparable(stack, entry.rdms, entry.variable ?? 'its RDMs'); // before the network runs
  const folder = await environment.listImages(entry.images);
  const stimuli = await imagesOfRows(entry, stack, folder, environment);
  const labels = entry.labels === undefined ? null : await labelsOf(stimuli, entry.labels, environment);
  return { entry, stack, folder, stimuli, labels };
}

/** The category of each image; the file may list others too. */
async function labelsOf(stimuli: readonly Stimulus[], file: string, environment: ImageReader): Promise<string[]> {
  const listed = await withSource(environment, file, readCategories);
  const names = stimuli.map(({ name }) => name);
  const isShown = amongImages(names);
  const shown = listed.filter(({ name }) => isShown(name));
  if (shown.length === 0) {
    throw new FormatError(
      file,
      `expected the names of images with their categories (${names[0]} ...), got no such name in its ${listed.length} rows` +
        (listed.length === 0 ? '' : `, the first is ${listed[0].name}`),
    );
  }
  const labels: string[] = [];
  positionsInOrder(
    names,
    shown.map(({ name }) => name),
    file,
  ).forEach((position, k) => {
    labels[position] = shown[k].category;
  });
  const without = names.findIndex((_, image) => labels[image] === undefined);
  if (without === -1) return labels;
  throw new FormatError(file, `expected a category for each image, got none for ${names[without]}; add a row for it`);
}

/**
 * Which image each row of the RDMs is of: as the `order` file says, else as the RDMs' own names say, else the folder's images in name
 * order, which is said.
 */
async function imagesOfRows(
  entry: StudyDataSet,
  stack: RdmStack,
  folder: readonly Stimulus[],
  environment: ImageReader,
): Promise<readonly Stimulus[]> {
  const what = entry.variable === undefined ? entry.rdms : `${entry.rdms}, ${entry.variable}`;
  const order = entry.order === undefined ? stack.conditions : await withSource(environment, entry.order, readNames);
  if (order !== null) {
    if (order.length !== stack.nConditions) {
      throw new ShapeError(
        `${entry.order ?? what}: expected a name for each of the ${stack.nConditions} rows of ${what}, got ${order.length}`,
      );
    }
    const names = folder.map(({ name }) => name);
    return positionsInOrder(names, order, entry.order ?? what).map((position) => folder[position]);
  }
  if (folder.length !== stack.nConditions) {
    const missing = stack.nConditions - folder.length;
    throw new ShapeError(
      `${what}: its RDMs are of ${stack.nConditions} conditions, but ${entry.images} holds ${folder.length} images; ` +
        (missing > 0
          ? `${missing} ${missing === 1 ? 'is' : 'are'} missing there: add ${missing === 1 ? 'it' : 'them'} or name another folder`
          : 'give the image of each row with order: names.csv'),
    );
  }
  environment.onNotice(
    `${what} holds no names: row i is taken for the i-th image of ${entry.images} in name order (${folder[0].name} ... ${folder.at(-1)!.name}); ` +
      'where that is wrong, give order: names.csv',
  );
  return folder;
}
