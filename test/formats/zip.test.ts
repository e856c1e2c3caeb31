import { deflateSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/core/crc32.ts';
import { FormatError } from '../../src/core/errors.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { openZip } from '../../src/formats/zip.ts';
import { writeZip } from '../../src/formats/zip-write.ts';
import { goldenBytes } from './golden.ts';

const text = new TextEncoder().encode('a text that is long enough to be worth deflating, deflating, deflating');

async function zipOf(members: Record<string, Uint8Array>, compressed: boolean): Promise<Uint8Array> {
  const sink = memorySink();
  const pieces = Object.entries(members).map(([name, bytes]) => ({
    name,
    pieces: [bytes.subarray(0, 5), bytes.subarray(5)],
  }));
  await writeZip(sink, pieces, { compressed });
  return sink.bytes().slice();
}

const open = (bytes: Uint8Array) => openZip(bytesSource('x.zip', bytes));

function changed(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = bytes.slice();
  change(new DataView(copy.buffer));
  return copy;
}

/** Where a record begins, told by its signature. */
function recordAt(bytes: Uint8Array, signature: number, nth = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.length; at++) if (view.getUint32(at, true) === signature && nth-- === 0) return at;
  throw new Error('no such record');
}
const central = (bytes: Uint8Array, nth = 0) => recordAt(bytes, 0x02014b50, nth);
const end = (bytes: Uint8Array) => recordAt(bytes, 0x06054b50);

test.each([true, false])(
  'members come back whole, as their first bytes, and as Sources (compressed: %s)',
  async (compressed) => {
    const archive = await open(await zipOf({ 'a.txt': text, 'ä/b': new Uint8Array(0) }, compressed));
    expect(archive.entries.map(({ name, size }) => [name, size])).toEqual([
      ['a.txt', text.length],
      ['ä/b', 0],
    ]);
    const [a, b] = archive.entries;
    expect(await archive.read(a)).toEqual(text);
    expect(await archive.read(b)).toEqual(new Uint8Array(0));
    for (const length of [0, 1, 7, text.length, text.length + 10]) {
      expect(await archive.readHead(a, length)).toEqual(text.subarray(0, length));
    }
    const source = await archive.open(a, { verify: true });
    expect([source.size, await source.read(2, 4)]).toEqual([text.length, text.subarray(2, 6)]);
  },
);

test('large members are deflated and inflated in pieces', async () => {
  const large = Uint8Array.from({ length: 3_000_000 }, (_, k) => (k * k) >>> 9);
  const archive = await open(await zipOf({ large }, true));
  expect(archive.entries[0].storedSize).toBeLessThan(large.length);
  expect(crc32(await archive.read(archive.entries[0]))).toBe(crc32(large));
});

test('bytes before the end record that look like one do not mislead', async () => {
  const bytes = await zipOf({ 'PK\x05\x06': new TextEncoder().encode(`PK\x05\x06${'\0'.repeat(18)}`) }, false);
  expect((await open(bytes)).entries.length).toBe(1);
});

describe('archives that lie, or could not be read rightly, are refused', () => {
  const refuse = async (bytes: Uint8Array, message: RegExp) => {
    const reading = (async () => {
      const archive = await open(bytes);
      for (const entry of archive.entries) await archive.read(entry);
    })();
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/^x\.zip/);
  };

  test('a changed byte of a stored member', async () => {
    const bytes = await zipOf({ a: text }, false);
    bytes[60] ^= 1;
    await refuse(bytes, /checksum/);
  });

  test('a stored member read as a Source, where the checksum is asked for', async () => {
    const bytes = await zipOf({ a: text }, false);
    bytes[60] ^= 1;
    const archive = await open(bytes);
    await expect(archive.open(archive.entries[0], { verify: true })).rejects.toThrow(/checksum/);
  });

  test('a member that inflates to more than it claims: inflation stops there', async () => {
    const bytes = await zipOf({ a: new Uint8Array(50_000_000) }, true);
    await refuse(
      changed(bytes, (view) => view.setUint32(central(bytes) + 24, 1000, true)),
      /more than the 1000 bytes/,
    );
  });

  test('a member that inflates to less than it claims', async () => {
    const bytes = await zipOf({ a: text }, true);
    await refuse(
      changed(bytes, (view) => view.setUint32(central(bytes) + 24, 1000, true)),
      /expected 1000 bytes, inflated/,
    );
  });

  test('a member that claims more than deflate can make', async () => {
    const bytes = await zipOf({ a: text }, true);
    await refuse(
      changed(bytes, (view) => view.setUint32(central(bytes) + 24, 0xfffffff0, true)),
      /claims 4294967280 bytes/,
    );
  });

  test('a bomb: gigabytes that deflate could make of a small file', async () => {
    const bytes = await zipOf({ a: new Uint8Array(1_000_000) }, true);
    const padded = Uint8Array.from([
      ...bytes.subarray(0, central(bytes)),
      ...new Uint8Array(1_500_000),
      ...bytes.subarray(central(bytes)),
    ]);
    const lying = changed(padded, (view) => {
      view.setUint32(central(padded) + 20, 1_500_000, true);
      view.setUint32(central(padded) + 24, 1_500_000_000, true);
      view.setUint32(end(padded) + 16, central(padded), true);
    });
    await refuse(lying, /looks like an attack/);
  });

  test('two members over the same bytes', async () => {
    const bytes = await zipOf({ a: text, b: text }, false);
    await refuse(
      changed(bytes, (view) => view.setUint32(central(bytes, 1) + 42, 0, true)),
      /overlaps/,
    );
  });

  test('two members of the same name', async () => {
    const bytes = await zipOf({ a: text, b: text }, false);
    await refuse(
      changed(bytes, (view) => view.setUint8(central(bytes, 1) + 46, 0x61)),
      /two entries of this name/,
    );
  });

  test.each([
    ['an encrypted member', 8, 1, /encrypted/],
    ['another compression', 10, 14, /compression 0 .* got 14/],
  ])('%s', async (_, field, value, message) => {
    const bytes = await zipOf({ a: text }, false);
    await refuse(
      changed(bytes, (view) => view.setUint16(central(bytes) + field, value, true)),
      message,
    );
  });

  test('damaged deflate', async () => {
    const bytes = await zipOf({ a: text }, true);
    bytes.fill(0xff, 52, 60);
    await refuse(bytes, /corrupt|checksum|inflated/);
  });

  test.each([
    ['more entries than the directory has room for', 10, 60_000, /claims 60000 entries/],
    ['a directory in several files', 4, 1, /split/],
  ])('%s', async (_, field, value, message) => {
    const bytes = await zipOf({ a: text }, false);
    await refuse(
      changed(bytes, (view) => view.setUint16(end(bytes) + field, value, true)),
      message,
    );
  });

  test('a directory beyond its end', async () => {
    const bytes = await zipOf({ a: text }, false);
    await refuse(
      changed(bytes, (view) => view.setUint32(end(bytes) + 16, 1_000_000, true)),
      /beyond its end record/,
    );
  });

  test('zip64 fields that claim more than any file holds', async () => {
    const bytes = goldenBytes('zip64.npz');
    const locator = recordAt(bytes, 0x07064b50);
    await refuse(
      changed(bytes, (view) => view.setBigUint64(locator + 8, 2n ** 60n, true)),
      /more than the file can hold/,
    );
    const end64 = recordAt(bytes, 0x06064b50);
    await refuse(
      changed(bytes, (view) => view.setBigUint64(end64 + 40, 100_000n, true)),
      /beyond its end record/,
    );
    await refuse(
      changed(bytes, (view) => view.setBigUint64(central(bytes) + 46 + 7 + 4, 2n ** 63n, true)),
      /zip64|claims/,
    );
  });

  test('text that is no archive, and an archive cut off', async () => {
    await refuse(new TextEncoder().encode('no archive'), /expected the end record/);
    await refuse((await zipOf({ a: text }, false)).slice(0, -1), /truncated/);
  });
});

test('raw deflate of another compressor is inflated', async () => {
  const bytes = await zipOf({ a: deflateSync(text) }, false);
  const entry = central(bytes);
  const archive = await open(
    changed(bytes, (view) => {
      view.setUint16(entry + 10, 8, true);
      view.setUint32(entry + 24, text.length, true);
      view.setUint32(entry + 16, crc32(text), true);
    }),
  );
  expect(await archive.read(archive.entries[0])).toEqual(text);
});
