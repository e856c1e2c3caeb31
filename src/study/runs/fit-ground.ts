import { digestBytes, digestText } from '../../core/digest.ts';
import { UsageError } from '../../core/errors.ts';
import type { OnNotice } from '../../core/progress.ts';
import type { RdmStack } from '../../rdm/rdm.ts';
import type { Environment } from '../environment.ts';
import type { FitInputUnseen } from '../fit-input.ts';
import { firstDifference } from '../settings/study-difference.ts';
import type { Study } from '../settings/study-file.ts';

/** What a fit rests on: where all of this is the same, it can be gone on with. */
export interface FitGround {
  readonly study: Study;
  /** The network with its weights before anything is learnt. */
  readonly network: { readonly name: string; readonly key: string };
  /** Digests of what each data set shows and of its RDMs, and the name that its images are held out and permuted by. */
  readonly data: readonly {
    readonly name: string;
    readonly imageSet: string;
    readonly images: string;
    readonly rdms: string;
  }[];
  /** What computes: another one gives other last digits. */
  readonly machine: Readonly<Record<string, string | number>>;
}

/** What a fit rests on, beside its study and the machine. */
export type ComparedGround = Pick<FitGround, 'network' | 'data'>;

/** The first part of the ground that is not what it was: the network, or a data set and what of it. */
export function changedGround(
  before: ComparedGround,
  now: ComparedGround,
): { readonly of: 'network' | 'data'; readonly what: string } | undefined {
  if (before.network.key !== now.network.key) return { of: 'network', what: before.network.name };
  for (const [k, data] of now.data.entries()) {
    const part = changedPart(before.data[k], data);
    if (part !== undefined) return { of: 'data', what: `${before.data[k].name} has changed, ${part}` };
  }
  return undefined;
}

/** What of a data set is not what it was. Its name is not asked after: where the study gives it, the study is compared, else it is its file's. */
function changedPart(before: FitGround['data'][number], now: FitGround['data'][number]): string | undefined {
  if (before.rdms !== now.rdms) return 'its RDMs';
  if (before.images !== now.images) return 'its images';
  return before.imageSet === now.imageSet ? undefined : 'which others show images of its folder';
}

/** What a fit of this input rests on. */
export async function groundOf(
  { study, images, features, streams }: Omit<FitInputUnseen, 'network'>,
  { engine, machine, version }: Environment,
): Promise<FitGround> {
  const data: FitGround['data'][number][] = [];
  for (const [k, { name, imageSet, targets }] of images.entries()) {
    data.push({ name, imageSet, images: streams[k].key, rdms: await digestRdms(targets) });
  }
  return {
    study,
    network: { name: features.name, key: features.key },
    data,
    machine: {
      hypercolumn: version,
      engine: engine.name,
      device: engine.device,
      threads: engine.threads ?? 'one a core',
      machine,
    },
  };
}

/**
 * Refuses a study that is not the one whose fit was stopped; where its files lie makes no difference.
 * @param folder leads the message
 * @throws UsageError naming the first setting that differs
 */
export function checkSameStudy(folder: string, before: Study, now: Study): void {
  const difference = firstDifference(before, now);
  if (difference === undefined) return;
  throw new UsageError(
    `${folder}: expected the study whose fit was stopped, with ${difference.setting} ${difference.before}, got ${difference.now}; set it back, or start again with --restart`,
  );
}

/**
 * Refuses to go on with a fit on other data or another network; another machine is said.
 * @throws UsageError naming what differs
 */
export function checkSameGround(folder: string, before: FitGround, now: FitGround, onNotice: OnNotice): void {
  checkSameStudy(folder, before.study, now.study);
  const changed = changedGround(before, now);
  if (changed?.of === 'network') {
    throw new UsageError(
      `${folder}: expected the weights of ${changed.what} that the fit was begun with, got others; bring the same file back, or start again with --restart`,
    );
  }
  if (changed !== undefined) {
    throw new UsageError(
      `${folder}: expected the data that the fit was begun with, got others: ${changed.what}; bring the same files back, or start again with --restart`,
    );
  }
  const others = Object.keys(now.machine).filter((part) => before.machine[part] !== now.machine[part]);
  if (others.length > 0) {
    const listed = others.map((part) => `${part} ${before.machine[part]}, now ${now.machine[part]}`).join('; ');
    onNotice(
      `${folder}: the fit was begun elsewhere (${listed}), so that its last digits may not be those of a fit that never stopped`,
    );
  }
}

/** Digest of subjects' RDMs and the names of their conditions. */
export function digestRdms({ values, nSubjects, nTimes, conditions }: RdmStack): Promise<string> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return digestBytes(bytes).then((digest) => digestText(JSON.stringify([digest, nSubjects, nTimes, conditions])));
}
