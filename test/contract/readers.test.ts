import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import { openFile, READABLE_FORMATS } from '../../src/formats/open.ts';
import { bytesSource, type Source } from '../../src/formats/source.ts';
import { READER_SAMPLES } from './reader-samples.ts';

const WITHIN_MS = 5000;
/** What deflate can make of the bytes, and room for what a sparse matrix spreads out to. */
const allowedBytes = (size: number) => 1032 * size + 256 * 2 ** 20;

/** A Source that fails the test when a reader asks for bytes that are not there: readers check before they ask. */
function strictSource(name: string, bytes: Uint8Array): Source {
  const readSync = (offset: number, length: number) => {
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
      throw new Error(`asked for ${length} bytes at ${offset} of a file of ${bytes.length}`);
    }
    return bytes.slice(offset, offset + length);
  };
  return { ...bytesSource(name, bytes), read: async (offset, length) => readSync(offset, length), readSync };
}

interface Answer {
  readonly refused: boolean;
  readonly nEntries: number;
}

/** Opens a file and reads all of it; a FormatError that names the file is an answer too. */
async function readWhole(name: string, bytes: Uint8Array): Promise<Answer> {
  const startedAt = performance.now();
  const before = process.memoryUsage().arrayBuffers;
  let refused = false;
  let nEntries = 0;
  try {
    const file = await openFile(strictSource(name, bytes));
    nEntries = file.entries.length;
    for (const entry of file.entries) {
      await file.read(entry.name).catch((error: unknown) => {
        refused = isRefusal(error, name);
      });
    }
  } catch (error) {
    refused = isRefusal(error, name);
  }
  expect(performance.now() - startedAt).toBeLessThan(WITHIN_MS);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(allowedBytes(bytes.length));
  return { refused, nEntries };
}

function isRefusal(error: unknown, name: string): true {
  if (!(error instanceof FormatError)) throw error;
  expect(error.message.startsWith(name)).toBe(true);
  expect(error.message).not.toMatch(/undefined|\[object/);
  return true;
}

test('every format that can be read is held to this contract', () => {
  expect(READER_SAMPLES.map(({ format }) => format).sort()).toEqual([...READABLE_FORMATS].sort());
});

describe.each(READER_SAMPLES)('$format', ({ format, files, whenCut }) => {
  const samples = files.map((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1);
    return { name, bytes: new Uint8Array(readFileSync(new URL(`../golden/${file}`, import.meta.url))) };
  });

  test.each(samples)('$name is told by its bytes or its ending and read', async ({ name, bytes }) => {
    const file = await openFile(strictSource(name, bytes));
    expect(file.format).toBe(format);
    expect(file.entries.length).toBeGreaterThan(0);
    expect((await readWhole(name, bytes)).refused).toBe(false);
  });

  test.each(samples)(
    '$name: an entry that is not there is refused, and those that are there are listed',
    async (sample) => {
      const file = await openFile(strictSource(sample.name, sample.bytes));
      const asked = file.read('no such entry');
      await expect(asked).rejects.toThrow(FormatError);
      await expect(asked).rejects.toThrow(file.entries[0].name);
    },
  );

  test.each(samples)('$name, cut short anywhere, is refused', async ({ name, bytes }) => {
    const { nEntries } = await readWhole(name, bytes);
    const step = Math.max(1, Math.floor(bytes.length / 150));
    for (let length = 0; length < bytes.length; length += step) {
      const answer = await readWhole(name, bytes.slice(0, length));
      if (answer.refused || whenCut === 'fewer numbers') continue;
      expect(whenCut, `cut at byte ${length} of ${bytes.length} and still read`).toBe('fewer entries');
      expect(answer.nEntries, `cut at byte ${length}`).toBeLessThan(nEntries);
    }
  });

  test.each(samples)(
    '$name, with numbers in it made enormous, costs no more memory than its bytes can hold',
    async (sample) => {
      const { name, bytes } = sample;
      const step = Math.max(1, Math.floor(Math.min(bytes.length, 4096) / 200));
      for (const patch of [
        [0xff, 0xff, 0xff, 0x7f],
        [0x7f, 0xff, 0xff, 0xff],
        [0, 0, 0, 0, 0, 0x10, 0, 0],
        [0x39, 0x39, 0x39],
      ]) {
        for (let at = 0; at < bytes.length; at += at < 4096 ? step : Math.ceil(bytes.length / 50)) {
          const changed = bytes.slice();
          changed.set(patch.slice(0, bytes.length - at), at);
          await readWhole(name, changed);
        }
      }
    },
  );

  test.each(samples)('$name, changed anyhow, is read or refused with a FormatError', async ({ name, bytes }) => {
    await fc.assert(
      fc.asyncProperty(mutations(bytes), async (changed) => {
        await readWhole(name, changed);
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});

/** Bytes overwritten, left out, repeated or put in. */
function mutations(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.integer({ min: 0, max: bytes.length });
  // Headers are where harm is done: half of all changes go there.
  const place = fc.oneof(position, fc.integer({ min: 0, max: Math.min(256, bytes.length) }));
  const edit = fc.record({
    at: place,
    removed: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: bytes.length })),
    inserted: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(new Uint8Array(4).fill(255), new Uint8Array(300)),
    ),
  });
  const apply = (from: Uint8Array, { at, removed, inserted }: { at: number; removed: number; inserted: Uint8Array }) =>
    Uint8Array.from([...from.subarray(0, at), ...inserted, ...from.subarray(at + removed)]);
  const overwrite = fc
    .array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
    .map((changes) => {
      const changed = bytes.slice();
      for (const [at, value] of changes) if (at < changed.length) changed[at] = value;
      return changed;
    });
  return fc.oneof(
    overwrite,
    fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => edits.reduce(apply, bytes)),
  );
}
