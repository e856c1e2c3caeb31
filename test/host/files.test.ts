import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { openFileSource, openScratchFile, withFileSource, writeFileAtomically } from '../../src/host/files.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypercolumn-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openFileSource', () => {
  test('reads any part, waiting or at once', async () => {
    writeFileSync(at('a'), 'hello world');
    await withFileSource(at('a'), async (source) => {
      expect([source.name, source.size]).toEqual([at('a'), 11]);
      expect(await source.read(6, 5)).toEqual(bytesOf('world'));
      expect(source.readSync(0, 5)).toEqual(bytesOf('hello'));
      expect(await source.read(11, 0)).toEqual(new Uint8Array(0));
    });
  });

  test('reads beyond 4 GiB', async () => {
    writeFileSync(at('large'), '');
    truncateSync(at('large'), 5 * 2 ** 30);
    const descriptor = openSync(at('large'), 'r+');
    writeSync(descriptor, bytesOf('end'), 0, 3, 5 * 2 ** 30 - 3);
    closeSync(descriptor);
    await withFileSource(at('large'), async (source) => {
      expect(await source.read(source.size - 3, 3)).toEqual(bytesOf('end'));
      expect(source.readSync(source.size - 4, 4)).toEqual(bytesOf('\0end'));
    });
  });

  test('refuses to read beyond the end, and does not allocate what is asked for', async () => {
    writeFileSync(at('a'), 'hello');
    await withFileSource(at('a'), async (source) => {
      for (const [offset, length] of [
        [0, 6],
        [5, 1],
        [-1, 2],
        [0, 2 ** 50],
        [0, Number.NaN],
      ]) {
        await expect(source.read(offset, length)).rejects.toThrow(FormatError);
        expect(() => source.readSync(offset, length)).toThrow(FormatError);
      }
    });
  });

  test('says so where a file becomes shorter while it is read', async () => {
    writeFileSync(at('a'), 'hello');
    await withFileSource(at('a'), async (source) => {
      truncateSync(at('a'), 2);
      await expect(source.read(0, 5)).rejects.toThrow(/shorter/);
      expect(() => source.readSync(0, 5)).toThrow(/shorter/);
    });
  });

  test('no such file, a folder, and a path through a file are the mistakes of whoever named them', async () => {
    writeFileSync(at('a'), 'hello');
    await expect(openFileSource(at('b'))).rejects.toThrow(`${at('b')}: there is no such file`);
    await expect(openFileSource(at('a', 'b'))).rejects.toThrow(UsageError);
    await expect(openFileSource(folder)).rejects.toThrow(/expected a file, got a folder/);
    await expect(openFileSource('/dev/null')).rejects.toThrow(/device/);
  });

  test('does not wait for a writer to a pipe, nor to one behind a link', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    symlinkSync(at('pipe'), at('link'));
    for (const name of ['pipe', 'link']) {
      await expect(openFileSource(at(name))).rejects.toThrow(
        `${at(name)}: expected a regular file, got a device or pipe`,
      );
    }
  });

  test('closes the file also where the work fails', async () => {
    writeFileSync(at('a'), 'hello');
    let read: () => Promise<Uint8Array> = async () => new Uint8Array(0);
    const failing = withFileSource(at('a'), async (source) => {
      read = () => source.read(0, 1);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(read()).rejects.toThrow(/closed|EBADF/);
  });
});

describe('writeFileAtomically', () => {
  test('writes pieces in any order, with zeros where nothing was written', async () => {
    await writeFileAtomically(
      at('a'),
      async (sink) => {
        await sink.write(6, bytesOf('world'));
        await sink.write(0, bytesOf('hello'));
      },
      { size: 12 },
    );
    expect(readFileSync(at('a'), 'latin1')).toBe('hello\0world\0');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('makes the folders that are missing', async () => {
    await writeFileAtomically(at('runs', 'x', 'y.npz'), (sink) => sink.write(0, bytesOf('y')));
    expect(readFileSync(at('runs', 'x', 'y.npz'), 'latin1')).toBe('y');
  });

  test('an error in the middle leaves what stood there before, and nothing else', async () => {
    writeFileSync(at('a'), 'before');
    const failing = writeFileAtomically(at('a'), async (sink) => {
      await sink.write(0, bytesOf('after'));
      expect(readdirSync(folder).length).toBe(2);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    await expect(failing).rejects.toThrow('ENOSPC');
    expect(readdirSync(folder)).toEqual(['a']);
    expect(readFileSync(at('a'), 'latin1')).toBe('before');
  });

  test('leaving the process in the middle removes what is half written', async () => {
    const listeners = () => process.listeners('exit');
    const before = listeners();
    await expect(
      writeFileAtomically(at('a'), async (sink) => {
        await sink.write(0, bytesOf('half'));
        const added = listeners().filter((listener) => !before.includes(listener));
        expect(added.length).toBe(1);
        for (const listener of added) listener.call(process, 130);
        expect(readdirSync(folder)).toEqual([]);
      }),
    ).rejects.toThrow(/ENOENT/); // the rename finds nothing: a process that had left would not come here
    expect(listeners()).toEqual(before);
  });

  test('two writers of one file do not meet: the last one to finish stands', async () => {
    const write = (text: string) => writeFileAtomically(at('a'), (sink) => sink.write(0, bytesOf(text)));
    await Promise.all(['first', 'second', 'third'].map(write));
    expect(['first', 'second', 'third']).toContain(readFileSync(at('a'), 'latin1'));
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('a symbolic link stays one, its target is written', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere', 'real'), 'before');
    symlinkSync(at('elsewhere', 'real'), at('link'));
    await writeFileAtomically(at('link'), (sink) => sink.write(0, bytesOf('after')));
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('elsewhere', 'real'), 'latin1')).toBe('after');
  });

  test('a folder, a device, and a path through a file are refused before anything is written', async () => {
    writeFileSync(at('a'), 'hello');
    const never = async () => expect.fail('was written to');
    await expect(writeFileAtomically(folder, never)).rejects.toThrow(/got a folder/);
    await expect(writeFileAtomically('/dev/null', never)).rejects.toThrow(/got a device/);
    await expect(writeFileAtomically(at('a', 'b'), never)).rejects.toThrow(/a file of that name is in the way/);
  });
});

test('a scratch file reads back what was written, zeros elsewhere, and has no name from the start', async () => {
  const scratch = await openScratchFile(folder)(3 * 2 ** 30);
  expect(readdirSync(folder)).toEqual([]);
  await scratch.write(2 ** 31 + 5, bytesOf('far'));
  expect(await scratch.read(2 ** 31 + 4, 5)).toEqual(bytesOf('\0far\0'));
  expect(scratch.readSync!(2 ** 31 + 5, 3)).toEqual(bytesOf('far'));
  expect(scratch.size).toBe(3 * 2 ** 30);
  await scratch.dispose();
  await expect(scratch.read(0, 1)).rejects.toThrow();
  expect(existsSync(scratch.name)).toBe(false);
});
