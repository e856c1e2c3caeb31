import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { hypercolumn, type RunOptions } from './hypercolumn.ts';

const N = 8;
const ENDLESS = ['--set', 'training.epochs=1000000'];
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.drawImages('many', 40);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
  await studies.writeText(
    'study.yaml',
    `backbone: { architecture: 'features:features.npz' }\ndata: [{ images: images, rdms: rdms.npz, variable: EVC }]\ntraining: { epochs: 3 }\nscoring: { rivals: none, samples: 20, permutations: 20 }\n`,
  );
});

const run = (args: readonly string[], options: RunOptions = {}) =>
  hypercolumn(args, { cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') }, ...options });

/** Every file of a folder with its bytes. */
const contentsOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(studies.path(folder)).map((file) => [file, readFileSync(studies.path(`${folder}/${file}`), 'latin1')]),
  );

async function fitInto(folder: string): Promise<Record<string, string>> {
  mkdirSync(studies.path(folder));
  const { code, stderr } = await run(['fit', 'study.yaml', '--out', `${folder}/run`]);
  expect(code, stderr).toBe(0);
  return contentsOf(`${folder}/run`);
}

describe('an earlier run stays as it was, and beside it nothing but what was learnt meanwhile,', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('when a fit is stopped by %s, which exits with %i', async (signal, status) => {
    const before = await fitInto(signal);
    let stopped = false;
    const { code, stdout, stderr } = await run(['fit', 'study.yaml', '--out', `${signal}/run`, ...ENDLESS], {
      onStderr(said, child) {
        if (!stopped && said.includes('training ')) stopped = child.kill(signal);
      },
    });
    expect([stopped, code, stdout]).toEqual([true, status, '']);
    expect(/\ninterrupted; what was learnt is kept in .*\n$/.test(stderr)).toBe(signal !== 'SIGHUP');
    expect(contentsOf(`${signal}/run`)).toEqual(before);
    expect(readdirSync(studies.path(signal))).toEqual(['run', 'run.partial']);
    expect(readdirSync(studies.path(`${signal}/run.partial`))).toEqual(['checkpoint.safetensors', 'study.json']);
  });

  it('when permuted fits on worker threads are stopped', async () => {
    const before = await fitInto('threads');
    let stopped = false;
    const { code } = await run(['fit', 'study.yaml', '--out', 'threads/run', '--tuning', '100000', '--threads', '2'], {
      onStderr(said, child) {
        if (!stopped && said.includes('label-permuted')) stopped = child.kill('SIGINT');
      },
    });
    expect([stopped, code]).toEqual([true, 130]);
    expect(contentsOf('threads/run')).toEqual(before);
    expect(readdirSync(studies.path('threads'))).toEqual(['run', 'run.partial']);
  });

  it('when there is no room for the new one', async () => {
    const before = await fitInto('full');
    const args = ['fit', 'study.yaml', '--out', 'full/run', '--set', 'training.epochs=2000'];
    const { code, stdout, stderr } = await run(args, { fileLimit: 64 });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/\.safetensors: it cannot be written \(EFBIG.*\); make room or write elsewhere/);
    expect(contentsOf('full/run')).toEqual(before);
    expect(readdirSync(studies.path('full')).filter((name) => name !== 'run.partial')).toEqual(['run']);
  });

  it('when the study cannot be fitted', async () => {
    const before = await fitInto('mistaken');
    const { code } = await run(['fit', 'study.yaml', '--out', 'mistaken/run', '--set', 'data.0.variable=none']);
    expect(code).toBe(2);
    expect(contentsOf('mistaken/run')).toEqual(before);
  });

  it('when the folder holds other files too, which is said before the network runs', async () => {
    await fitInto('noted');
    await studies.writeText('noted/run/notes.txt', 'precious');
    const before = contentsOf('noted/run');
    const { code, stderr } = await run(['fit', 'study.yaml', '--out', 'noted/run', ...ENDLESS]);
    expect(code).toBe(2);
    expect(stderr).toContain('noted/run: the folder would be replaced, but holds notes.txt too, so it is left alone');
    expect(contentsOf('noted/run')).toEqual(before);
  });
});

describe('a file that is being written', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('goes without a trace on %s, and the earlier one stays', async (signal, status) => {
    const folder = `file-${signal}`;
    await studies.writeText(`${folder}/f.safetensors`, 'the earlier one');
    const args = ['extract', '--images', 'many', '--backbone', 'gabor', '--out', `${folder}/f.safetensors`];
    let watching: NodeJS.Timeout | undefined;
    let seen: string[] = [];
    const { code } = await run(args, {
      onStderr(_, child) {
        watching ??= setInterval(() => {
          const files = readdirSync(studies.path(folder));
          if (files.length === 1) return;
          seen = files;
          clearInterval(watching);
          child.kill(signal);
        }, 2);
      },
    });
    clearInterval(watching);
    expect(seen).toHaveLength(2); // it was in the middle of writing
    expect(code).toBe(status);
    expect(readdirSync(studies.path(folder))).toEqual(['f.safetensors']);
    expect(readFileSync(studies.path(`${folder}/f.safetensors`), 'utf8')).toBe('the earlier one');
  });

  it('leaves the earlier one where there is no room, and names it', async () => {
    await studies.writeText('small/f.safetensors', 'the earlier one');
    const args = ['extract', '--images', 'images', '--backbone', 'gabor', '--out', 'small/f.safetensors'];
    const { code, stderr } = await run(args, { fileLimit: 64 });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: small\/f\.safetensors: it cannot be written \(EFBIG/m);
    expect(readdirSync(studies.path('small'))).toEqual(['f.safetensors']);
    expect(readFileSync(studies.path('small/f.safetensors'), 'utf8')).toBe('the earlier one');
  });
});
