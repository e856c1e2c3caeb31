import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runStudy } from '../../src/study/run.ts';
import { writeRun } from '../../src/study/runs/run-folder.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { hypercolumn } from './hypercolumn.ts';

const N = 9;
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 4), IT: subjectRdms(N, 4, 5) });
  for (const variable of ['EVC', 'IT']) {
    const study = studies.study({
      backbone: { architecture: 'features:features.npz' },
      data: [{ images: 'images', rdms: 'rdms.npz', variable }],
      training: { epochs: 2 },
    });
    const run = await runStudy(study, studies.environment, { nPermutations: 2 });
    await writeRun(studies.path(variable), run, studies.environment);
  }
});

const regions = (...args: readonly string[]) =>
  hypercolumn(['regions', ...args], { cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') } });

describe('hypercolumn regions', () => {
  it('prints a table and what it says, and writes the same test as JSON', async () => {
    const { code, stdout, stderr } = await regions('EVC', 'IT', '--swaps', '3', '--out', 'regions.json');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Stage tuning of A \(EVC: EVC\) and B \(IT: IT\) on features:/);
    expect(stdout).toMatch(/^stage +A +permuted +B +permuted +A - B +swapped +p +p \(FDR\)$/m);
    expect(stderr).toContain('Wrote regions.json; see it with: hypercolumn report EVC IT --regions regions.json');
    expect(stderr).toMatch(/fitting with regions exchanged in some subjects.* 8\/8/);
    const document = JSON.parse(readFileSync(studies.path('regions.json'), 'utf8'));
    expect(document).toMatchObject({
      ...{ format: 'hypercolumn-regions-1', nSwaps: 3, nPossibleSwaps: 7, nSubjects: [4], grouped: null },
      a: { run: 'EVC', sets: ['EVC'], permuted: Array(3).fill(expect.any(Number)) },
    });
    const printed = await regions('EVC', 'IT', '--swaps', '3', '--json', '--threads', '1');
    expect(JSON.parse(printed.stdout)).toEqual(document);
    expect(printed.stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each<[string, string[], string]>([
    ['one run alone', ['EVC'], "missing required argument 'run-b'"],
    ['the same run twice', ['EVC', './EVC/'], './EVC/: expected another run than EVC, got the same folder'],
    ['swaps that are no number', ['EVC', 'IT', '--swaps', '0'], '--swaps: expected a whole number from 1, got 0'],
    ['a folder that is no run', ['EVC', 'images'], 'images: expected the folder of a run with study.json'],
    ['a file that cannot be written', ['EVC', 'IT', '--out', 'EVC/study.json/x.json'], 'study.json'],
  ])('takes %s for a mistake: exit 2, nothing on stdout, one sentence', async (_, args, message) => {
    const { code, stdout, stderr } = await regions(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('fitting');
  });
});
