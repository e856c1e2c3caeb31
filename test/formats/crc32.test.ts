import { expect, test } from 'vitest';
import { crc32 } from '../../src/core/crc32.ts';
import { expected } from './golden.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("checksums equal those of Python's zipfile", () => {
  for (const [text, checksum] of Object.entries(expected.crc32)) expect(crc32(bytesOf(text))).toBe(checksum);
});

test('a checksum continues over pieces cut anywhere', () => {
  const bytes = bytesOf('The quick brown fox jumps over the lazy dog');
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
  }
});
