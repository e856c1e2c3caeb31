import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import {
  type EncoderTensors,
  encoderFromTensors,
  encoderToTensors,
  type TensorFile,
} from '../../src/encoder/tensors.ts';

const stages = [
  { name: 'a', channels: 2, height: 3, width: 3 },
  { name: 'b', channels: 1, height: 1, width: 1 },
];
const encoder: Encoder = {
  stages,
  maskResolution: 'channel',
  mask: Float64Array.of(0.1, -2, 3),
  scale: Float64Array.of(1, 0.5, 1 / 3),
  readouts: [
    { name: 'EVC, 92', alpha: -0.1, b: 0.2 },
    { name: 'IT', alpha: 0.3, b: 0 },
  ],
};

function fileOf({ tensors, metadata }: EncoderTensors, changes: Partial<TensorFile> = {}): TensorFile {
  const entries = Object.keys(tensors).map((name) => ({ name }));
  return { metadata, entries, read: async (name) => tensors[name as keyof typeof tensors], ...changes };
}

describe('encoderToTensors and back', () => {
  it.each([
    ['channel', encoder],
    ['stage', { ...encoder, maskResolution: 'stage', mask: Float64Array.of(1, 2) }],
    [
      'feature',
      { ...encoder, maskResolution: 'feature', mask: Float64Array.from({ length: 19 }, (_, k) => 1 / (k + 1)) },
    ],
    ['without readouts', { ...encoder, readouts: [] }],
  ] as [string, Encoder][])('is the same encoder, bit for bit: %s', async (_, each) => {
    expect(await encoderFromTensors(fileOf(encoderToTensors(each)), 'e.safetensors')).toEqual(each);
  });

  const good = encoderToTensors(encoder);
  const withMetadata = (changes: Record<string, string>) =>
    fileOf(good, { metadata: { ...good.metadata, ...changes } });
  it.each([
    ['another kind of file', fileOf(good, { metadata: {} }), /expected an encoder .* got none/],
    ['a later version', withMetadata({ format: 'hypercolumn-encoder-9' }), /got hypercolumn-encoder-9/],
    ['stages that are no JSON', withMetadata({ stages: '[' }), /metadata stages: expected JSON/],
    ['no stages', withMetadata({ stages: '[]' }), /metadata stages/],
    [
      'a stage without a size',
      withMetadata({ stages: '[{"name":"a","channels":0,"height":1,"width":1}]' }),
      /metadata stages/,
    ],
    [
      'another resolution',
      withMetadata({ maskResolution: 'voxel' }),
      /expected stage or channel or split or feature, got voxel/,
    ],
    ['more readout names than values', withMetadata({ readouts: '["a"]' }), /tensor readouts: .* 1 x 2, .* 2 x 2/],
    ['readout names that are numbers', withMetadata({ readouts: '[1, 2]' }), /metadata readouts/],
    [
      'other stages than the mask has',
      withMetadata({ stages: JSON.stringify(stages.slice(1)) }),
      /tensor mask: .* shape 1, .* shape 3/,
    ],
    ['no mask', fileOf(good, { entries: [{ name: 'readouts' }] }), /expected a tensor mask of shape 3, got none/],
    ['text for numbers', fileOf(good, { read: async () => ({ kind: 'text', shape: [2, 2], data: [] }) }), /got text/],
  ])('refuses %s, naming the file', async (_, file, message) => {
    const reading = encoderFromTensors(file, 'e.safetensors');
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toBeInstanceOf(FormatError);
    await expect(reading).rejects.toThrow(/^e\.safetensors/);
  });

  it('refuses a mask value that is not finite, saying where', async () => {
    const file = fileOf(encoderToTensors({ ...encoder, mask: Float64Array.of(1, Number.NaN, 1) }));
    await expect(encoderFromTensors(file, 'e.safetensors')).rejects.toThrow(
      /tensor mask, value 2: expected finite numbers, got NaN/,
    );
  });
});
