import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { checkReplaceable } from '../../src/host/folder.ts';
import { checkWritable } from '../../src/host/writable.ts';
import { bundleForNode, runNode } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const checks = [checkWritable, (path: string) => checkReplaceable(path, ['marker'])];

describe('whether results can be written is known beforehand:', () => {
  it('folders that are not there will be made, and the check makes none', async () => {
    const base = temporaryFolder();
    for (const check of checks) await check(join(base, 'a/b/c'));
    expect(readdirSync(base)).toEqual([]);
  });

  it('a file where a folder would be is named', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const check of checks) {
      await expect(check(join(file, 'deep/out'))).rejects.toThrow(
        new UsageError(`${file}/deep/out: ${file} is a file, so no folder can be made there; choose another --out`),
      );
    }
  });

  it('a folder or a device where the file would be is named', async () => {
    const base = temporaryFolder();
    await expect(checkWritable(base)).rejects.toThrow(
      new UsageError(`${base}: expected a file's name to write to, got a folder`),
    );
    await expect(checkWritable('/dev/null')).rejects.toThrow(UsageError);
  });

  it('a folder that may not be written to is named, also from further down; a link counts where it leads', async () => {
    const base = temporaryFolder();
    const [locked, open] = ['locked', 'open'].map((name) => join(base, name));
    for (const folder of [locked, open]) mkdirSync(folder);
    writeFileSync(join(open, 'f.npz'), '');
    symlinkSync(join(open, 'f.npz'), join(locked, 'link.npz'));
    for (const [folder, mode] of [
      [base, 0o755],
      [open, 0o777],
      [locked, 0o555],
    ] as const)
      chmodSync(folder, mode);
    const script = await bundleForNode(new URL('./writable-process.ts', import.meta.url));
    const asNobody = async (file: string, folder: string) => (await runNode(script, [file, folder])).output.trim();
    const refused = (path: string) =>
      `UsageError: ${path}: the folder ${locked} may not be written to; change its permissions or choose another --out`;
    const paths = [join(locked, 'f.npz'), join(locked, 'a/run')] as const;
    expect((await asNobody(...paths)).split('\n')).toEqual(paths.map(refused));
    expect(await asNobody(join(locked, 'link.npz'), join(open, 'run'))).toBe('may be written\nmay be written');
  });
});
