import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DIGEST_CHUNK_BYTES, digestBytes, digestChunks, digestText } from '../../src/core/digest.ts';
import { bytesSource } from '../../src/formats/source.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

describe('digests', () => {
  it('are the SHA-256 that FIPS 180 gives for "abc" and for nothing', async () => {
    expect(await digestText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(await digestBytes(new Uint8Array(0))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('of text are those of its UTF-8 bytes', async () => {
    expect(await digestText('gr\u00e4\u00df')).toBe(sha256('gr\u00e4\u00df').toString('hex'));
  });

  it('of large files are the SHA-256 over the SHA-256s of 8 MiB chunks', async () => {
    const bytes = new Uint8Array(DIGEST_CHUNK_BYTES + 5).map((_, k) => k % 251);
    const expected = sha256(
      Buffer.concat([sha256(bytes.subarray(0, DIGEST_CHUNK_BYTES)), sha256(bytes.subarray(DIGEST_CHUNK_BYTES))]),
    ).toString('hex');
    expect(await digestChunks(bytesSource('b', bytes))).toBe(expected);
  });

  it('of an empty file are those of no chunks', async () => {
    expect(await digestChunks(bytesSource('b', new Uint8Array(0)))).toBe(sha256('').toString('hex'));
  });

  it('change with any byte', async () => {
    const bytes = new Uint8Array(100);
    const before = await digestChunks(bytesSource('b', bytes));
    bytes[99] = 1;
    expect(await digestChunks(bytesSource('b', bytes))).not.toBe(before);
  });
});
