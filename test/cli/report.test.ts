import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
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
  await fitInto('a', 2);
  await fitInto('b', 3);
});

async function fitInto(run: string, epochs: number, name = 'seen again'): Promise<void> {
  const data = { images: 'images', rdms: 'rdms.npz', variable: 'EVC' };
  const study = studies.study({
    backbone: { architecture: 'features:features.npz' },
    data: [data],
    test: [{ ...data, name }],
    training: { epochs },
  });
  const fitted = await runStudy(study, studies.environment, { nPermutations: 2 });
  await writeRun(studies.path(run), fitted, studies.environment);
}

const report = (...args: readonly string[]) =>
  hypercolumn(['report', ...args], { cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') } });

const textOf = (path: string) => {
  const { document } = parseHTML(readFileSync(studies.path(path), 'utf8'));
  for (const element of document.querySelectorAll('script, style')) element.remove();
  return document.body.textContent!.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ');
};

describe('hypercolumn report', () => {
  it('writes a page into the run, and every figure as .svg, .png and .csv', async () => {
    const { code, stdout, stderr } = await report('a', '--json');
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toEqual({
      page: 'a/report.html',
      bytes: statSync(studies.path('a/report.html')).size,
      figures: expect.any(Array),
      missing: [],
    });
    const written = readdirSync(studies.path('a/figures')).map((name) => `a/figures/${name}`);
    expect([...document.figures].sort()).toEqual(written.sort());
    for (const ending of ['svg', 'png', 'csv']) {
      expect(written.filter((name) => name.endsWith(ending))).toHaveLength(written.length / 3);
    }
    expect(written).toContain('a/figures/scores.svg');
    expect(written).toContain('a/figures/tuning.png');
    expect(stderr).toMatch(/Wrote a\/report\.html \(0\.\d MB\) and \d+ files of figures/);
    expect(textOf('a/report.html')).toContain('On 9 images that the fit never saw (seen again, 4 subjects)');
    expect(textOf('a/report.html')).toMatch(/training\.epochs ?2/);
  });

  it('leaves a run that can be fitted again in its place', async () => {
    expect(existsSync(studies.path('a/report.html'))).toBe(true);
    await fitInto('a', 2);
    expect(existsSync(studies.path('a/report.html'))).toBe(false);
  });

  it('puts page and figures where it is told', async () => {
    mkdirSync(studies.path('elsewhere'));
    const { code, stdout, stderr } = await report('a', '--out', 'elsewhere/page.html', '--figures', 'elsewhere/drawn');
    expect([code, stdout], stderr).toEqual([0, '']);
    expect(existsSync(studies.path('elsewhere/drawn/scores.csv'))).toBe(true);
    expect(textOf('elsewhere/page.html')).toContain('Result');
  });

  it('compares runs on what they share, with tests of the differences', async () => {
    const { code, stderr } = await report('a', 'b');
    expect(code, stderr).toBe(0);
    const text = textOf('comparison.html');
    expect(text).toContain('2 runs compared');
    expect(text).toMatch(
      /a less b: .?\d\.\d{3} \(95 % confidence interval .?\d\.\d{3} to .?\d\.\d{3}; p = \d\.\d{3}\)/,
    );
    expect(text).toMatch(/training\.epochs ?2 ?3/);
    expect(text).not.toContain('Differences have no tests');
    expect(text).not.toContain('training.batch');
  });

  it('compares runs whose RDMs are gone by their own scores, and says so', async () => {
    renameSync(studies.path('rdms.npz'), studies.path('gone.npz'));
    const { code, stderr } = await report('a', 'b', '--out', 'untested.html');
    renameSync(studies.path('gone.npz'), studies.path('rdms.npz'));
    expect(code, stderr).toBe(0);
    const text = textOf('untested.html');
    expect(text).toContain('Differences have no tests: the RDMs of seen again cannot be read again');
    expect(text).toMatch(/by mean Spearman rho: [ab] .?\d\.\d{3}, [ab] .?\d\.\d{3}\./);
    expect(text).not.toContain('a less b');
  });

  it('takes no other RDMs for those that were scored on', async () => {
    renameSync(studies.path('rdms.npz'), studies.path('kept.npz'));
    await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 4, 9), IT: subjectRdms(N, 4, 5) });
    const { code, stderr } = await report('a', 'b', '--out', 'others.html');
    renameSync(studies.path('kept.npz'), studies.path('rdms.npz'));
    expect(code, stderr).toBe(0);
    expect(textOf('others.html')).toContain('the RDMs of seen again are no longer those that were scored on');
  });

  it('gives runs that share no set each its own score', async () => {
    await fitInto('c', 2, 'by another name');
    const { code, stderr } = await report('a', 'c', '--out', 'apart.html');
    expect(code, stderr).toBe(0);
    const text = textOf('apart.html');
    expect(text).toMatch(/a: seen again, 9 images: Spearman rho .?\d\.\d{3}, noise ceiling/);
    expect(text).toMatch(/c: by another name, 9 images: Spearman rho/);
    expect(text).toContain('hypercolumn regions');
  });

  it('shows a test of regions with several runs', async () => {
    const stage = (name: string) => ({
      ...{ stage: name, shareA: 0.4, shareB: 0.6, difference: -0.2, swapped: [0.1, -0.1], p: 0.33, pFdr: 0.33 },
    });
    const regions = {
      ...{ format: 'hypercolumn-regions-1', hypercolumn: '0.1.0', network: 'small' },
      a: { run: 'a', sets: ['EVC'], permuted: null },
      b: { run: 'b', sets: ['IT'], permuted: null },
      ...{ nSubjects: [4], nSwaps: 2, nPossibleSwaps: 7, stages: [stage('fine'), stage('coarse')], grouped: null },
      overall: { distance: 0.2, swapped: [0.1, 0.3], p: 0.667 },
    };
    writeFileSync(studies.path('regions.json'), JSON.stringify(regions));
    const { code, stderr } = await report('a', 'b', '--out', 'regions.html', '--regions', 'regions.json');
    expect(code, stderr).toBe(0);
    expect(textOf('regions.html')).toContain('p = 0.667 against 2 exchanges');
  });

  it('shows what a damaged folder still tells, and names what is missing', async () => {
    rmSync(studies.path('b/tuning.json'));
    writeFileSync(studies.path('b/scores.json'), '{"sets": [');
    const { code, stdout, stderr } = await report('b', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).missing).toHaveLength(2);
    expect(stderr).toContain('missing: stage tuning');
    const text = textOf('b/report.html');
    expect(text).toContain('What is missing');
    expect(text).toContain('stage tuning');
    expect(text).toContain('This folder holds no scores beside rivals');
  });

  it.each<[string, string[], string]>([
    ['no run', [], "missing required argument 'run'"],
    ['a folder that is no run', ['images'], 'images: expected the folder of a run with study.json'],
    ['a page that cannot be written', ['a', '--out', 'rdms.npz/page.html'], 'rdms.npz'],
    ['regions of one run', ['a', '--regions', 'rdms.npz'], 'report --regions: expected the runs of both regions'],
    ['regions that are none', ['a', 'b', '--regions', 'rdms.npz'], 'run hypercolumn regions again'],
  ])('takes %s for a mistake: exit 2, nothing on stdout, one sentence', async (_, args, message) => {
    const { code, stdout, stderr } = await report(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
