import { UsageError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import type { EngineTensor } from '../engine/session.ts';
import type { StageShape } from './backbone.ts';

/**
 * The stage that a tensor of a model is: n x C x H x W as it is; n x tokens x dim as dim channels of tokens x 1 positions; n x C as C
 * channels of one position. Undefined for any other shape.
 */
export function stageOf(name: string, shape: readonly number[]): StageShape | undefined {
  switch (shape.length) {
    case 4:
      return { name, channels: shape[1], height: shape[2], width: shape[3] };
    case 3:
      return { name, channels: shape[2], height: shape[1], width: 1 };
    case 2:
      return { name, channels: shape[1], height: 1, width: 1 };
    default:
      return undefined;
  }
}

/** The same, where it must be a stage. */
export function requireStage(path: string, name: string, shape: readonly number[]): StageShape {
  const stage = stageOf(name, shape);
  if (stage !== undefined) return stage;
  throw new UsageError(
    `${path}: expected n x channels x height x width, n x tokens x channels or n x channels for stage ${name}, got ${formatShape(shape)}`,
  );
}

/** A tensor's values, n x channels x height x width. */
export function stageValues({ shape, data }: EngineTensor): Float32Array {
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  if (shape.length !== 3) return values;
  const [n, tokens, channels] = shape;
  const channelsFirst = new Float32Array(values.length);
  for (let image = 0; image < n; image++) {
    const start = image * tokens * channels;
    for (let token = 0; token < tokens; token++) {
      const row = start + token * channels;
      for (let c = 0; c < channels; c++) channelsFirst[start + c * tokens + token] = values[row + c];
    }
  }
  return channelsFirst;
}
