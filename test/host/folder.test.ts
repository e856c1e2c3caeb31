import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { checkReplaceable, removeFolder, replaceFolder } from '../../src/host/folder.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'hypercolumn-folder-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

const fillWith = (text: string) => (folder: string) => writeFile(join(folder, 'marker'), text);

describe('a folder that is replaced whole', () => {
  it('appears with its parents when it is filled', async () => {
    const target = join(base, 'a', 'b');
    await replaceFolder(target, ['marker'], async (folder) => {
      await expect(readdir(target)).rejects.toThrow('ENOENT');
      await fillWith('new')(folder);
    });
    expect(await readFile(join(target, 'marker'), 'utf8')).toBe('new');
    expect(await readdir(join(base, 'a'))).toEqual(['b']);
  });

  it('takes the place of an earlier one, of which no file stays', async () => {
    const target = join(base, 'run');
    await replaceFolder(target, ['marker'], async (folder) => {
      await fillWith('old')(folder);
      await writeFile(join(folder, 'only-old'), '');
    });
    await replaceFolder(target, ['marker', 'only-old'], fillWith('new'));
    expect(await readdir(target)).toEqual(['marker']);
    expect(await readFile(join(target, 'marker'), 'utf8')).toBe('new');
  });

  it('leaves the earlier one whole and nothing beside it where filling fails', async () => {
    const target = join(base, 'run');
    await replaceFolder(target, ['marker'], fillWith('old'));
    const failing = replaceFolder(target, ['marker'], async (folder) => {
      await fillWith('half')(folder);
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await readFile(join(target, 'marker'), 'utf8')).toBe('old');
    expect(await readdir(base)).toEqual(['run']);
  });

  it("does not touch a folder of somebody else's files, nor a file", async () => {
    const target = join(base, 'mine');
    await mkdir(target);
    await writeFile(join(target, 'thesis.txt'), 'precious');
    await expect(replaceFolder(target, ['marker'], fillWith('x'))).rejects.toThrow(UsageError);
    await expect(replaceFolder(join(target, 'thesis.txt'), ['marker'], fillWith('x'))).rejects.toThrow(UsageError);
    expect(await readFile(join(target, 'thesis.txt'), 'utf8')).toBe('precious');
  });

  it("does not touch somebody else's files in a folder inside, of which it knows what it may hold", async () => {
    const target = join(base, 'run');
    const names = ['marker', 'figures', 'figures/tuning.svg', 'figures/map-*.svg'];
    await replaceFolder(target, names, async (folder) => {
      await fillWith('old')(folder);
      await mkdir(join(folder, 'figures'));
      for (const file of ['tuning.svg', 'map-EVC.svg', '.map-EVC.svg.12-ab.tmp', '.DS_Store']) {
        await writeFile(join(folder, 'figures', file), '');
      }
    });
    await checkReplaceable(target, names);
    for (const mine of ['notes.txt', 'my-tuning.svg', 'map-EVC.svg.bak']) {
      await writeFile(join(target, 'figures', mine), 'precious');
      const failing = replaceFolder(target, names, fillWith('new'));
      await expect(failing).rejects.toThrow(UsageError);
      await expect(failing).rejects.toThrow(`run: the folder would be replaced, but holds figures/${mine} too`);
      await rm(join(target, 'figures', mine));
    }
    await replaceFolder(target, names, fillWith('new'));
    expect(await readdir(target)).toEqual(['marker']);
  });

  it("does not touch an earlier one that holds anything of somebody else's beside", async () => {
    const target = join(base, 'run');
    await replaceFolder(target, ['marker', 'other'], fillWith('old'));
    await writeFile(join(target, 'other'), '');
    await writeFile(join(target, '.DS_Store'), '');
    await checkReplaceable(target, ['marker', 'other']);
    await writeFile(join(target, 'thesis.txt'), 'precious');
    const refused = replaceFolder(target, ['marker', 'other'], fillWith('new'));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      /run: the folder would be replaced, but holds thesis\.txt too, so it is left alone; move that away or choose another --out$/,
    );
    expect(await readFile(join(target, 'marker'), 'utf8')).toBe('old');
    expect(await readdir(base)).toEqual(['run']);
  });

  it.each([
    ['what a killed process left of its first file', '.marker.4711-0a1b.tmp'],
    ['what a file manager left', '.DS_Store'],
  ])('may take the place of a folder that holds nothing but %s, and removes it', async (_, name) => {
    const target = join(base, 'run');
    await mkdir(target);
    await writeFile(join(target, name), 'half');
    await checkReplaceable(target, ['marker']);
    await replaceFolder(target, ['marker'], fillWith('new'));
    expect(await readdir(target)).toEqual(['marker']);
    await rm(join(target, 'marker'));
    await writeFile(join(target, name), 'half');
    await removeFolder(target, ['marker']);
    expect(await readdir(base)).toEqual([]);
  });

  it('is tried before hours of work, which leaves no trace', async () => {
    await checkReplaceable(join(base, 'a', 'b'), ['marker']);
    expect(await readdir(base)).toEqual([]);
    await expect(checkReplaceable(join(base, 'a', 'x'.repeat(300)), ['marker'])).rejects.toThrow(
      /x: no folder can be made and written there \(ENAMETOOLONG.*\); choose another --out$/,
    );
    expect(await readdir(base)).toEqual([]);
  });

  it('may take the place of an empty folder', async () => {
    const target = join(base, 'empty');
    await mkdir(target);
    await replaceFolder(target, ['marker'], fillWith('new'));
    expect(await readdir(target)).toEqual(['marker']);
  });
});
