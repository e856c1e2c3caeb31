import { digestBytes, digestText } from '../core/digest.ts';
import { UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { RdmStack } from '../rdm/rdm.ts';
import type { Environment } from './environment.ts';
import type { FitInputUnseen } from './fit-input.ts';
import { firstDifference } from './study-difference.ts';
import type { Study } from './study-file.ts';

/** What a fit rests on: where all of this is the same, it can be gone on with. */
export interface FitGround {
  readonly study: Study;
  /** The network with its weights before anything is learnt. */
  readonly network: { readonly name: string; readonly key: string };
  /** Digests of what each data set shows and of its RDMs. */
  readonly data: readonly { readonly name: string; readonly images: string; readonly rdms: string }[];
  /** What computes: another one gives other last digits. */
  readonly machine: Readonly<Record<string, string | number | null>>;
}

/** What a fit of this input rests on. */
export async function groundOf(
  { study, images, features, streams }: FitInputUnseen,
  { engine, machine, version }: Environment,
): Promise<FitGround> {
  const data: FitGround['data'][number][] = [];
  for (const [k, { name, targets }] of images.entries()) {
    data.push({ name, images: streams[k].key, rdms: await digestRdms(targets) });
  }
  return {
    study,
    network: { name: features.name, key: features.key },
    data,
    machine: {
      hypercolumn: version,
      engine: engine.name,
      device: engine.device,
      threads: engine.threads ?? null,
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
  if (before.network.key !== now.network.key) {
    throw new UsageError(
      `${folder}: expected the weights of ${before.network.name} that the fit was begun with, got others; bring the same file back, or start again with --restart`,
    );
  }
  for (const [k, { name, images, rdms }] of now.data.entries()) {
    const then = before.data[k];
    const changed = then.name !== name ? 'its name' : then.rdms !== rdms ? 'its RDMs' : 'its images';
    if (then.name === name && then.images === images && then.rdms === rdms) continue;
    throw new UsageError(
      `${folder}: expected the data that the fit was begun with, got others: ${then.name} has changed, ${changed}; bring the same files back, or start again with --restart`,
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

function digestRdms({ values, nSubjects, nTimes, conditions }: RdmStack): Promise<string> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return digestBytes(bytes).then((digest) => digestText(JSON.stringify([digest, nSubjects, nTimes, conditions])));
}
