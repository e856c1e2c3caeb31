import { FormatError } from '../../core/errors.ts';
import type { NumericArray } from '../../formats/array.ts';
import { openFile } from '../../formats/open.ts';
import { writeSafetensors } from '../../formats/safetensors-write.ts';
import type { Sink, Source } from '../../formats/source.ts';
import type { Checkpoint, FitProgress } from '../../training/checkpoint.ts';
import type { FitResult } from '../../training/fit.ts';
import type { LearnerState } from '../../training/learner.ts';
import { checkStudy } from '../settings/study-file.ts';
import type { PermutedFit } from '../tuning.ts';
import type { FitGround } from './fit-ground.ts';
import { storedCheckpoint } from './stored-checkpoint.ts';
import { complaintOf } from './stored-json.ts';

/** A fit that is through, less what its own files hold. */
export type FinishedFit = Omit<FitResult, 'encoder'> & { readonly seed: number };

/** A study's fits under way. */
export interface StoredCheckpoint {
  readonly ground: FitGround;
  /** The fits that are through, in order. */
  readonly finished: readonly FinishedFit[];
  /** Of the fits of label-permuted RDMs that are through. */
  readonly permuted: readonly PermutedFit[];
  /** Of the next one; undefined where it has not come to one. */
  readonly checkpoint: Checkpoint | undefined;
}

const FORMAT = 'hypercolumn-checkpoint-2';
/** Where in the file's metadata everything but the arrays is. */
const DOCUMENT = 'fit';

/** Writes a checkpoint as a .safetensors file: the learner's arrays, all else as JSON in the metadata. */
export async function writeCheckpoint(sink: Sink, stored: StoredCheckpoint): Promise<void> {
  const { ground, finished, permuted, checkpoint } = stored;
  const arrays = Object.entries(checkpoint?.learner.arrays ?? {}).map(([name, data]): [string, NumericArray] => [
    name,
    data instanceof Float32Array
      ? { kind: 'numeric', dtype: 'float32', shape: [data.length], data }
      : { kind: 'numeric', dtype: 'float64', shape: [data.length], data },
  ]);
  const at = checkpoint && { progress: checkpoint.progress, values: checkpoint.learner.values };
  await writeSafetensors(sink, Object.fromEntries(arrays), {
    format: FORMAT,
    [DOCUMENT]: JSON.stringify({ ground, finished, permuted, at }),
  });
}

/** A checkpoint whose arrays are read when they are asked for. */
export interface OpenedCheckpoint extends Omit<StoredCheckpoint, 'checkpoint'> {
  readonly progress: FitProgress | undefined;
  readArrays(): Promise<Checkpoint | undefined>;
}

/**
 * Opens what `writeCheckpoint` wrote.
 * @throws FormatError where the file is something else
 */
export async function openCheckpoint(source: Source): Promise<OpenedCheckpoint> {
  const file = await openFile(source);
  if (file.metadata['format'] !== FORMAT) {
    throw new FormatError(
      source.name,
      `expected a checkpoint (format ${FORMAT} in its metadata), got ${file.metadata['format'] ?? 'none'}; start again with --restart`,
    );
  }
  const { ground, finished, permuted, at } = documentOf(file.metadata, source.name);
  return {
    ...{ ground, finished, permuted, progress: at?.progress },
    async readArrays() {
      if (at === undefined) return undefined;
      const arrays: Record<string, Float32Array | Float64Array> = {};
      for (const { name } of file.entries) {
        const value = await file.read(name);
        if (value.kind !== 'numeric' || !(value.data instanceof Float32Array || value.data instanceof Float64Array)) {
          throw new FormatError(source.name, 'expected floating-point numbers; start again with --restart', name);
        }
        // A fit keeps none of these, so something else did.
        const wrong = value.data.find((number) => !Number.isFinite(number));
        if (wrong !== undefined) {
          throw new FormatError(source.name, `expected finite numbers, got ${wrong}; start again with --restart`, name);
        }
        arrays[name] = value.data;
      }
      return { progress: at.progress, learner: { arrays, values: at.values } };
    },
  };
}

interface CheckpointDocument extends Omit<StoredCheckpoint, 'checkpoint'> {
  readonly at?: { readonly progress: FitProgress; readonly values: LearnerState['values'] };
}

/** What the document says is taken as it is written, so that what is gone on with keeps every byte; older studies get the settings they lack. */
function documentOf(metadata: Readonly<Record<string, string>>, path: string): CheckpointDocument {
  const place = `metadata ${DOCUMENT}`;
  let document: CheckpointDocument;
  try {
    document = JSON.parse(metadata[DOCUMENT] ?? '') as CheckpointDocument;
  } catch {
    throw new FormatError(path, 'expected what fit wrote, got other text; start again with --restart', place);
  }
  const { error } = storedCheckpoint.safeParse(document);
  if (error === undefined) {
    const { ground } = document;
    return { ...document, ground: { ...ground, study: checkStudy(ground.study, path) } };
  }
  const [issue] = error.issues;
  const at = [place, issue.path.join('.')].filter((part) => part !== '').join(', ');
  throw new FormatError(
    path,
    `expected what fit wrote, got something else (${complaintOf(issue)}); start again with --restart`,
    at,
  );
}
