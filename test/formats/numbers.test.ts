import { describe, expect, it } from 'vitest';
import { decodeNumbers } from '../../src/formats/numbers.ts';

/** Bytes of float32 1, -2 and 0.5 as a piece of a larger buffer, as files read at once and parsers of messages give them. */
function pieceOf(room: (length: number) => Uint8Array, offset: number, bigEndian = false) {
  const whole = room(32);
  const view = new DataView(whole.buffer, whole.byteOffset);
  for (const [k, value] of [1, -2, 0.5].entries()) view.setFloat32(offset + 4 * k, value, !bigEndian);
  return { whole, piece: whole.subarray(offset, offset + 12) };
}

describe.each([
  ['a plain byte array', (length: number) => new Uint8Array(length)],
  ["Node's Buffer, whose slices share memory", (length: number) => Buffer.alloc(length)],
])('numbers in %s', (_, room) => {
  it.each([0, 1, 2, 3])('are read from byte %i on', (offset) => {
    expect(decodeNumbers('float32', pieceOf(room, offset).piece)).toEqual(Float32Array.of(1, -2, 0.5));
  });

  it.each([0, 3])('are turned around, and left as they were, from byte %i on', (offset) => {
    const { whole, piece } = pieceOf(room, offset, true);
    const before = Uint8Array.from(whole);
    expect(decodeNumbers('float32', piece, { littleEndian: false })).toEqual(Float32Array.of(1, -2, 0.5));
    expect(Uint8Array.from(whole)).toEqual(before);
  });
});
