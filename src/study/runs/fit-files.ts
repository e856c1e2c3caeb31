import { FormatError } from '../../core/errors.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { encoderFromTensors, encoderToTensors } from '../../encoder/tensors.ts';
import { openFile } from '../../formats/open.ts';
import { saveArrays } from '../../formats/save.ts';
import { type Environment, withSource } from '../environment.ts';
import type { TunedWeights } from '../features.ts';
import { MOST_FITS } from '../settings/training-schema.ts';

/** A fit as its files hold it. */
export interface FitFiles {
  readonly encoder: Encoder;
  /** Key of the features it was fitted on, those of its own weights where these moved. */
  readonly featuresKey: string;
  readonly tuned: TunedWeights | undefined;
}

/** File of a fit's encoder; the first is fit 0. */
export const encoderFile = (fit: number): string => numbered('encoder', fit);

/** File of a fit's network, where its weights were trained. */
export const backboneFile = (fit: number): string => numbered('backbone', fit);

/** Every name that `writeFit` may give a file. */
export const FIT_FILES: readonly string[] = Array.from({ length: MOST_FITS }, (_, fit) => [
  encoderFile(fit),
  backboneFile(fit),
]).flat();

/** Writes a fit's encoder, and its network where its weights moved. */
export async function writeFit(
  folder: string,
  fit: number,
  { encoder, featuresKey, tuned }: FitFiles,
  { joinPath, writeFile }: Environment,
): Promise<void> {
  if (tuned !== undefined) {
    await writeFile(joinPath(folder, backboneFile(fit)), (sink) => sink.write(0, tuned.bytes));
  }
  const { tensors, metadata } = encoderToTensors(encoder);
  await writeFile(joinPath(folder, encoderFile(fit)), (sink) =>
    saveArrays(sink, 'safetensors', tensors, { metadata: { ...metadata, features: featuresKey } }),
  );
}

/**
 * Reads what `writeFit` wrote.
 * @param tuned whether its network's weights moved, as the study says
 * @throws UsageError where a file is not there, FormatError where it is not what `writeFit` wrote
 */
export async function readFit(
  folder: string,
  fit: number,
  tuned: boolean,
  environment: Environment,
): Promise<FitFiles> {
  const path = environment.joinPath(folder, encoderFile(fit));
  const [encoder, featuresKey] = await withSource(environment, path, async (source) => {
    const file = await openFile(source);
    const key = file.metadata['features'];
    if (key === undefined) {
      throw new FormatError(path, 'expected an encoder written by hypercolumn fit, got a file without its metadata');
    }
    return [await encoderFromTensors(file, path), key] as const;
  });
  if (!tuned) return { encoder, featuresKey, tuned: undefined };
  const weights = environment.joinPath(folder, backboneFile(fit));
  const bytes = await withSource(environment, weights, (source) => source.read(0, source.size));
  return { encoder, featuresKey, tuned: { path: weights, bytes } };
}

function numbered(name: string, fit: number): string {
  return `${name}${fit === 0 ? '' : `.${fit + 1}`}.safetensors`;
}
