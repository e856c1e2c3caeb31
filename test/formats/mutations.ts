import fc from 'fast-check';
import { FormatError } from '../../src/core/errors.ts';
import type { OpenedFile } from '../../src/formats/array.ts';

const LONGEST_MS = 5000;

/** Opens a file and reads all that is in it. Whatever is thrown must be a FormatError, and soon. */
export async function answersOrFormatError(open: () => Promise<OpenedFile>): Promise<void> {
  const started = performance.now();
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return undefined;
    }
  };
  const file = await attempt(open);
  for (const { name } of file?.entries ?? []) await attempt(() => file!.read(name));
  const took = performance.now() - started;
  if (took > LONGEST_MS) throw new Error(`took ${took} ms`);
}

/** Calls with copies of the bytes of which some are changed, replaced by extremes, or cut off. */
export async function mutations(
  original: Uint8Array,
  check: (bytes: Uint8Array) => Promise<void>,
  { numRuns = 200 }: { numRuns?: number } = {},
): Promise<void> {
  const change = fc.tuple(
    fc.nat(original.length - 1),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
    fc.integer({ min: 1, max: 4 }),
  );
  const length = fc.option(fc.nat(original.length), { nil: original.length, freq: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 4 }), length, async (changes, length) => {
      const bytes = original.slice(0, length);
      for (const [at, byte, count] of changes) bytes.fill(byte, at, at + count);
      await check(bytes);
    }),
    { numRuns },
  );
}
