import { messageOf, UsageError } from '../../core/errors.ts';
import type { Checkpoint } from '../../training/checkpoint.ts';
import type { EncoderFit } from '../encoder-fit.ts';
import { type Environment, withSource, writeText } from '../environment.ts';
import type { FitInputUnseen } from '../fit-input.ts';
import type { Study } from '../settings/study-file.ts';
import type { PermutedFit } from '../tuning.ts';
import { type OpenedCheckpoint, openCheckpoint, type StoredCheckpoint, writeCheckpoint } from './checkpoint-file.ts';
import { encoderFile, FIT_FILES, readFit, writeFit } from './fit-files.ts';
import { checkSameGround, checkSameStudy, groundOf } from './fit-ground.ts';
import { CHECKPOINT, partialFolder } from './stopped-fit.ts';

const STUDY = 'study.json';
/** What the folder of a fit under way may hold; it is known by its checkpoint. */
const CONTENTS: readonly string[] = [CHECKPOINT, STUDY, ...FIT_FILES];
/** Epochs that are shorter share a checkpoint: bringing one to the disk takes longer than they do. */
const LEAST_MS = 250;

const NOTHING: Omit<StoredCheckpoint, 'ground'> = { finished: [], permuted: [], checkpoint: undefined };

/** What a fit does about one that was stopped before it: refuse to lose it, go on with it, go on with it if there is one, or start again. */
export type PartialMode = 'refuse' | 'resume' | 'resume-if-any' | 'restart';

/** Keeps a study's fits while they are under way, in a folder beside the run's, so that a process that ends loses little. */
export interface PartialRun {
  readonly folder: string;
  /** How far what lies there has come; undefined where nothing is learnt yet. */
  readonly kept: () => string | undefined;
  /** Whether a fit that is not gone on with is still there. */
  readonly earlierIsThere: () => boolean;
  /**
   * Called once the network and all data are known, before anything is learnt.
   * @throws UsageError where they are not those of the fit that is gone on with, naming the first difference
   */
  begin(input: FitInputUnseen): Promise<FitKeeper>;
  /** Writes what is known and not written yet: after an error. */
  flush(): Promise<void>;
  /** Removes the folder, once the run is in its place; where it cannot be removed, that is said. */
  remove(): Promise<void>;
}

/** Keeps the fits of one study. */
export interface FitKeeper {
  /** Where they are kept, for messages. */
  readonly place: string;
  /** Whether something was learnt before this process began. */
  readonly goesOn: boolean;
  /** A fit that was through before; fits are counted from 0. */
  finished(fit: number): Promise<EncoderFit | undefined>;
  /** Where this fit is gone on from; given once. */
  resume(fit: number): Checkpoint | undefined;
  keep(checkpoint: Checkpoint): Promise<void>;
  finish(fit: EncoderFit, featuresKey: string): Promise<void>;
  /** Of the fits of permuted labels that were through before. */
  readonly permuted: readonly PermutedFit[];
  keepPermuted(fits: readonly PermutedFit[]): Promise<void>;
}

/**
 * Looks at what an earlier process left of a study's fits.
 * @param run the run's folder
 * @param study what is to be fitted
 * @param mode what is done about what was left
 * @param environment the platform
 * @throws UsageError where a fit would be lost that can be gone on with, where nothing is there to go on with, or the study is another one,
 *   naming the first setting that differs; FormatError where what is there cannot be read
 */
export async function openPartialRun(
  run: string,
  study: Study,
  mode: PartialMode,
  environment: Environment,
): Promise<PartialRun> {
  const { joinPath, isThere, onNotice } = environment;
  const folder = partialFolder(run);
  await environment.checkReplaceable(folder, CONTENTS);
  const path = joinPath(folder, CHECKPOINT);
  const there = await isThere(path);
  const before = there && mode !== 'restart' ? await look(path, folder, environment) : undefined;
  let kept = before && describe(before);
  if (mode === 'refuse' && kept !== undefined) {
    throw new UsageError(
      `${folder}: a fit was stopped ${kept} and would be lost; go on with it by --resume, or start again with --restart`,
    );
  }
  if (mode === 'resume' && kept === undefined) {
    throw new UsageError(
      (await isThere(joinPath(run, encoderFile(0))))
        ? `${run}: expected a fit that was stopped, got a finished run; leave --resume out to fit again`
        : `${folder}: expected a fit that was stopped, nothing is there to go on with; name its run with --out, or leave --resume out to fit from the beginning`,
    );
  }
  const resuming = (mode === 'resume' || mode === 'resume-if-any') && kept !== undefined;
  if (resuming) checkSameStudy(folder, before!.ground.study, study);

  let stored: StoredCheckpoint | undefined;
  let earlier = there && !resuming;
  let pending = false;
  let onDisk = resuming;
  let writtenAt = performance.now();
  const write = async (whole: StoredCheckpoint) => {
    await environment.writeFile(path, (sink) => writeCheckpoint(sink, whole));
    if (!onDisk) await writeText(environment, joinPath(folder, STUDY), `${JSON.stringify(study, null, 2)}\n`);
    onDisk = true;
    [pending, writtenAt] = [false, performance.now()];
    kept = describe({ ...whole, progress: whole.checkpoint?.progress });
  };
  return {
    folder,
    kept: () => kept,
    earlierIsThere: () => earlier,
    async begin(input) {
      const ground = await groundOf(input, environment);
      const from = resuming ? await readFrom(path, environment) : NOTHING;
      if (resuming) {
        checkSameGround(folder, before!.ground, ground, onNotice);
        onNotice(`${folder}: going on ${kept}`);
        stored = { ...from, ground };
      } else {
        if (there) await environment.removeFolder(folder, CONTENTS);
        earlier = false;
        stored = { ...from, ground };
      }
      let resumed = from.checkpoint;
      return {
        place: folder,
        goesOn: resuming,
        async finished(fit) {
          if (fit >= from.finished.length) return undefined;
          const { encoder, tuned } = await readable(folder, () =>
            readFit(folder, fit, study.encoder.train === 'all', environment),
          );
          return { ...from.finished[fit], encoder, tuned };
        },
        resume(fit) {
          const checkpoint = fit === from.finished.length ? resumed : undefined;
          resumed = undefined; // its arrays may be as large as the network, three times
          return checkpoint;
        },
        async keep(checkpoint) {
          const soon = checkpoint.progress.step === 0 && performance.now() - writtenAt < LEAST_MS;
          stored = { ...stored!, checkpoint: soon ? copyOf(checkpoint) : undefined };
          pending = soon;
          if (!soon) await write({ ...stored, checkpoint });
        },
        async finish({ encoder, tuned, ...finished }, featuresKey) {
          const { finished: others } = stored!;
          if (!onDisk) await write(stored!); // the folder is known by its checkpoint
          await writeFit(folder, others.length, { encoder, tuned, featuresKey }, environment);
          stored = { ...stored!, finished: [...others, finished], checkpoint: undefined };
          await write(stored);
        },
        permuted: from.permuted,
        async keepPermuted(permuted) {
          stored = { ...stored!, permuted: [...permuted] };
          await write(stored);
        },
      };
    },
    async flush() {
      if (pending && stored !== undefined) await write(stored);
    },
    async remove() {
      try {
        await environment.removeFolder(folder, CONTENTS);
      } catch (error) {
        onNotice(
          `${folder}: the run is in its place and nothing here is needed any more, but the folder cannot be removed (${messageOf(error)})`,
        );
      }
    },
  };
}

/** All but the arrays of what lies there. */
function look(path: string, folder: string, environment: Environment): Promise<OpenedCheckpoint> {
  return readable(folder, () => withSource(environment, path, openCheckpoint));
}

/** @throws UsageError that says the way out, where what was kept cannot be read */
async function readable<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new UsageError(
      `${folder}: what was kept of a fit cannot be read (${messageOf(error)}); start again with --restart`,
      { cause: error },
    );
  }
}

function readFrom(path: string, environment: Environment): Promise<Omit<StoredCheckpoint, 'ground'>> {
  return withSource(environment, path, async (source) => {
    const { finished, permuted, readArrays } = await openCheckpoint(source);
    return { finished, permuted, checkpoint: await readArrays() };
  });
}

/** The state's arrays are the learner's own until its next step. */
function copyOf({ progress, learner: { arrays, values } }: Checkpoint): Checkpoint {
  const copied = Object.entries(arrays).map(([name, array]) => [name, array.slice()]);
  return { progress, learner: { arrays: Object.fromEntries(copied), values } };
}

/** `in epoch 4 of 15`; undefined before the first step is through. */
function describe({ ground, finished, progress }: Omit<OpenedCheckpoint, 'readArrays'>): string | undefined {
  const { epochs, seeds } = ground.study.training;
  const fit = seeds === 1 ? '' : ` of fit ${Math.min(finished.length + 1, seeds)} of ${seeds}`;
  if (finished.length === seeds) return 'after its last epoch';
  if (progress === undefined) return finished.length === 0 ? undefined : `before the first epoch${fit}`;
  const { epoch, step } = progress;
  return step === 0
    ? `after epoch ${epoch - 1} of ${epochs}${fit}`
    : `in epoch ${epoch} of ${epochs}${fit}, step ${step}`;
}
