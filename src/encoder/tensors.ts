import { FormatError } from '../core/errors.ts';
import { countMaskValues, countScaleValues } from './channel-weights.ts';
import { type Encoder, MASK_RESOLUTIONS, type MaskResolution, type Readout } from './encoder.ts';

/** A float64 array as files of named arrays take it. */
export interface EncoderTensor {
  readonly kind: 'numeric';
  readonly dtype: 'float64';
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** An encoder as named arrays and free text. */
export interface EncoderTensors {
  /** `mask`, `scale`, and `readouts` (nSets x 2: alpha, b). */
  readonly tensors: Readonly<Record<'mask' | 'scale' | 'readouts', EncoderTensor>>;
  /** `format`, `maskResolution`, and as JSON `stages` and `readouts` (the data sets' names). */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is needed of a file of named arrays. */
export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly { readonly name: string }[];
  read(name: string): Promise<{ readonly kind: string; readonly shape: readonly number[]; readonly data?: unknown }>;
}

const FORMAT = 'hypercolumn-encoder-1';

/** The encoder as arrays and metadata, for a .safetensors file. */
export function encoderToTensors(encoder: Encoder): EncoderTensors {
  const { stages, maskResolution, mask, scale, readouts } = encoder;
  return {
    tensors: {
      mask: tensor([mask.length], mask),
      scale: tensor([scale.length], scale),
      readouts: tensor([readouts.length, 2], Float64Array.from(readouts.flatMap(({ alpha, b }) => [alpha, b]))),
    },
    metadata: {
      format: FORMAT,
      maskResolution,
      stages: JSON.stringify(stages.map(({ name, channels, height, width }) => ({ name, channels, height, width }))),
      readouts: JSON.stringify(readouts.map(({ name }) => name)),
    },
  };
}

/**
 * The encoder that `encoderToTensors` wrote.
 * @param path names the file in messages
 * @throws FormatError where the file is no encoder, or its parts do not fit each other
 */
export async function encoderFromTensors(file: TensorFile, path: string): Promise<Encoder> {
  const { metadata } = file;
  if (metadata['format'] !== FORMAT) {
    throw new FormatError(
      path,
      `expected an encoder (format ${FORMAT} in its metadata), got ${metadata['format'] ?? 'none'}; write one with fit`,
    );
  }
  const stages = stagesOf(metadata, path);
  const maskResolution = metadata['maskResolution'] as MaskResolution;
  if (!MASK_RESOLUTIONS.includes(maskResolution)) {
    throw new FormatError(
      path,
      `expected ${MASK_RESOLUTIONS.join(' or ')}, got ${maskResolution}`,
      'metadata maskResolution',
    );
  }
  const names = json(metadata, 'readouts', path);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new FormatError(path, 'expected a JSON array of names', 'metadata readouts');
  }
  const readouts = await read(file, 'readouts', [names.length, 2], path);
  return {
    stages,
    maskResolution,
    mask: await read(file, 'mask', [countMaskValues(stages, maskResolution)], path),
    scale: await read(file, 'scale', [countScaleValues(stages, maskResolution)], path),
    readouts: names.map((name, k): Readout => ({ name, alpha: readouts[2 * k], b: readouts[2 * k + 1] })),
  };
}

function tensor(shape: readonly number[], data: Float64Array): EncoderTensor {
  return { kind: 'numeric', dtype: 'float64', shape, data };
}

async function read(file: TensorFile, name: string, shape: readonly number[], path: string): Promise<Float64Array> {
  if (!file.entries.some((entry) => entry.name === name)) {
    throw new FormatError(path, `expected a tensor ${name} of shape ${shape.join(' x ')}, got none`);
  }
  const value = await file.read(name);
  const { data } = value;
  if (!(data instanceof Float64Array || data instanceof Float32Array) || value.shape.join() !== shape.join()) {
    throw new FormatError(
      path,
      `expected floating-point numbers of shape ${shape.join(' x ')}, got ${value.kind} of shape ${value.shape.join(' x ')}`,
      `tensor ${name}`,
    );
  }
  const wrong = data.findIndex((number) => !Number.isFinite(number));
  if (wrong !== -1)
    throw new FormatError(path, `expected finite numbers, got ${data[wrong]}`, `tensor ${name}, value ${wrong + 1}`);
  return Float64Array.from(data);
}

function stagesOf(metadata: Readonly<Record<string, string>>, path: string): Encoder['stages'] {
  const stages = json(metadata, 'stages', path);
  const isSize = (size: unknown) => Number.isInteger(size) && (size as number) > 0;
  const isStage = (stage: unknown) => {
    if (typeof stage !== 'object' || stage === null) return false;
    const { name, channels, height, width } = stage as Record<string, unknown>;
    return typeof name === 'string' && isSize(channels) && isSize(height) && isSize(width);
  };
  if (!Array.isArray(stages) || stages.length === 0 || !stages.every(isStage)) {
    throw new FormatError(path, 'expected a JSON array of {name, channels, height, width}', 'metadata stages');
  }
  return stages.map(({ name, channels, height, width }) => ({ name, channels, height, width }));
}

function json(metadata: Readonly<Record<string, string>>, key: string, path: string): unknown {
  try {
    return JSON.parse(metadata[key] ?? '');
  } catch {
    throw new FormatError(
      path,
      `expected JSON, got ${metadata[key] === undefined ? 'nothing' : 'other text'}`,
      `metadata ${key}`,
    );
  }
}
