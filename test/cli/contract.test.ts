import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { hypercolumn, type RunOptions } from './hypercolumn.ts';

const N = 9;
const NAMES = [
  'demo',
  'fit',
  'crossvalidate',
  'predict',
  'report',
  'export',
  'inspect',
  'extract',
  'rdm',
  'score',
  'ceiling',
  'regions',
  'reproduce',
  'weights',
  'cache',
  'doctor',
];
const STUDY = `backbone: { architecture: 'features:features.npz' }
data:
  - { images: images, rdms: rdms.npz, variable: EVC }
  - { images: images, rdms: rdms.npz, variable: IT }
training: { epochs: 2 }
scoring: { samples: 20, permutations: 20 }
`;
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 4), IT: subjectRdms(N, 4, 5) });
  await studies.writeText('study.yaml', STUDY);
});

const run = (args: readonly string[], options: RunOptions = {}) =>
  hypercolumn(args, { cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') }, ...options });

/** The one document that `--json` prints. */
async function json(...args: string[]) {
  const { code, stdout, stderr } = await run([...args, '--json']);
  expect(code, stderr).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

describe('help', () => {
  it('lists every command and exits with 0, on stdout', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(COMMANDS).toHaveLength(NAMES.length);
  });

  it('loads nothing but the declarations: no engine, no decoder, no schema', async () => {
    const coverage = mkdtempSync(studies.path('coverage-'));
    await run(['--help'], { env: { NODE_V8_COVERAGE: coverage } });
    const loaded = readdirSync(coverage).flatMap((file): string[] =>
      JSON.parse(readFileSync(join(coverage, file), 'utf8')).result.map(({ url }: { url: string }) => url),
    );
    const files = loaded.filter((url) => url.startsWith('file:') || url.startsWith('/'));
    expect(files.some((url) => url.endsWith('dist/cli/main.js'))).toBe(true);
    expect(files.filter((url) => /onnxruntime|sharp|zod|yaml|h5wasm|piscina|protobuf|fflate/.test(url))).toEqual([]);
    expect(files.length).toBeLessThan(60);
  });

  it.each(NAMES)('of %s shows its options', async (name) => {
    const { code, stdout } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: hypercolumn ${name} `));
  });

  it('comes on stderr with exit 2 where no command is given', async () => {
    const { code, stdout, stderr } = await run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Commands:');
  });

  it('--version prints the version of package.json', async () => {
    const { stdout } = await run(['--version']);
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(stdout).toBe(`${version}\n`);
  });
});

describe.concurrent("a user's mistake exits with 2, says nothing on stdout and what is allowed on stderr", () => {
  it.each<[string, string[], string[]]>([
    ['an unknown command', ['fti'], ["unknown command 'fti'", `commands: ${NAMES.join(', ')}`]],
    [
      'an unknown option',
      ['fit', 'study.yaml', '--tunning'],
      ["unknown option '--tunning'", '--out <run>', '--tuning [n]', '--json'],
    ],
    ['a missing argument', ['fit'], ["missing required argument 'study'", 'fit --help']],
    ['a missing option', ['crossvalidate', 'study.yaml'], ["'--folds <k>' not specified"]],
    [
      'an unknown unit',
      ['crossvalidate', 'study.yaml', '--folds', '2', '--by', 'trial'],
      ['Allowed choices are image, subject'],
    ],
    [
      'folds that are no number',
      ['crossvalidate', 'study.yaml', '--folds', 'x'],
      ['--folds: expected a whole number from 1, got x'],
    ],
    [
      'a number of permuted fits that is none',
      ['fit', 'study.yaml', '--tuning', '0'],
      ['--tuning: expected a whole number from 1, got 0'],
    ],
    [
      'a number of threads that is none',
      ['fit', 'study.yaml', '--threads', '1.5'],
      ['--threads: expected a whole number from 1, got 1.5'],
    ],
    [
      'an unknown metric',
      ['rdm', 'features.npz', '--metric', 'manhattan', '--out', 'a.npy'],
      [
        'expected one of correlation, cosine, euclidean, sqeuclidean, cityblock, mahalanobis, crossnobis, got manhattan',
      ],
    ],
    [
      'an unknown benchmark',
      ['score', 'rdms.npz', '--target', 'rdms.npz', '--benchmark', 'x'],
      ['algonauts2019-92, algonauts2019-118, algonauts2019-78'],
    ],
    [
      'an unknown network',
      ['extract', '--images', 'images', '--backbone', 'resnet', '--out', 'a.safetensors'],
      ['expected se_resnext50_32x4d, resnet50, gabor, onnx:FILE', '"resnet"'],
    ],
    [
      'an unknown way to fit images',
      ['extract', '--images', 'images', '--backbone', 'gabor', '--preprocess', 'fit', '--out', 'a.safetensors'],
      ['Allowed choices are crop, squash'],
    ],
    [
      'a seed that is none',
      ['extract', '--images', 'images', '--backbone', 'gabor', '--seed', 'x', '--out', 'a.safetensors'],
      ['--seed: expected a whole number from 0 to 4294967295, got x'],
    ],
    [
      'features in another format',
      ['extract', '--images', 'images', '--backbone', 'gabor', '--out', 'a.npz'],
      ['.safetensors'],
    ],
    [
      'an unknown setting',
      ['fit', 'study.yaml', '--set', 'training.epoch=3'],
      ['study.yaml: training: there is no setting epoch'],
    ],
    [
      'a setting without a value',
      ['fit', 'study.yaml', '--set', 'training.epochs'],
      ['expected a.b=value, such as training.epochs=8'],
    ],
    [
      'an unknown mask',
      ['fit', 'study.yaml', '--set', 'encoder.mask=pixel'],
      ['encoder.mask: expected stage or channel', 'got "pixel"'],
    ],
    ['a study that is not there', ['fit', 'none.yaml'], ['none.yaml: there is no such file']],
    ['a folder in place of a file', ['inspect', 'images'], ['images: expected a file, got a folder']],
    [
      'a run that is none',
      ['predict', 'images', '--images', 'images', '--out', 'a.npz'],
      ['images: expected the folder of a run with study.json'],
    ],
    ['an unknown action', ['cache', 'empty'], ['cache: expected clear or nothing, got empty']],
    ['an unknown network to download', ['weights', 'vgg'], ['expected se_resnext50_32x4d', 'got vgg']],
  ])('%s', async (_, args, expected) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    for (const part of expected) expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('--debug adds the stack', async () => {
    const { code, stderr } = await run(['--debug', 'inspect', 'none.npy']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: none\.npy: there is no such file.*\n.*\n +at /s);
  });
});

describe('--json prints one document that holds at least', () => {
  it('inspect: format and entries', async () => {
    const document = await json('inspect', 'rdms.npz');
    expect(document).toEqual({
      format: 'npz',
      entries: ['EVC', 'IT'].map((name) => ({ name, dtype: 'float64', shape: [4, N, N] })),
    });
  });

  it('ceiling: results by variable', async () => {
    const { results } = await json('ceiling', 'rdms.npz', '--variable', 'EVC');
    const bound = { rho: expect.any(Number), r2: expect.any(Number) };
    const ceiling = { lower: bound, upper: bound };
    expect(results).toEqual([
      { variable: 'EVC', n: N, nSubjects: 4, ceiling, comparator: 'spearman', normalised: ceiling },
    ]);
  });

  it('fit: the run, its scores and tuning; predict and score take it from there', async () => {
    const document = await json('fit', 'study.yaml', '--out', 'run', '--tuning', '2');
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining([
        'run',
        'version',
        'hypercolumn',
        'engine',
        'features',
        'keptEpoch',
        'sets',
        'tuning',
        'scores',
      ]),
    );
    expect(document.run).toBe('run');
    expect(document.sets.map(({ name }: { name: string }) => name)).toEqual(['EVC', 'IT']);
    expect(document.tuning[0]).toMatchObject({
      stage: 'fine',
      share: expect.any(Number),
      permuted: { mean: expect.any(Number), sd: expect.any(Number) },
    });
    expect(document.tuning[0].permutedShares).toHaveLength(2);
    expect(document.groupedTuning).toBeNull();
    expect(document.tuningStability).toMatchObject({
      seeds: Array(4).fill({ shares: Array(3).fill(expect.any(Number)) }),
    });

    const predicted = await run(['predict', 'run', '--images', 'images', '--variable', 'EVC_RDMs', '--out', 'rdm.mat']);
    expect([predicted.code, predicted.stdout]).toEqual([0, '']);
    expect(predicted.stderr).toContain(`Wrote EVC_RDMs (${N} x ${N}) to rdm.mat`);

    const { results, track } = await json('score', 'rdm.mat', '--target', 'rdms.npz');
    expect(results).toHaveLength(2);
    expect(Object.keys(results[0])).toEqual(
      expect.arrayContaining([
        'variable',
        'n',
        'nSubjects',
        'r2',
        'percentOfCeiling',
        'rho',
        'rhoBySubject',
        'ceiling',
      ]),
    );
    expect(track).toBeNull();
  });

  it('crossvalidate: unit, folds and summary', async () => {
    const document = await json('crossvalidate', 'study.yaml', '--folds', '3');
    expect(Object.keys(document)).toEqual(['by', 'folds', 'summary']);
    expect(document.folds).toHaveLength(6);
    expect(Object.keys(document.folds[0])).toEqual(
      expect.arrayContaining([
        'fold',
        'variable',
        'nSubjects',
        'nImages',
        'rho',
        'r2',
        'rhoBySubject',
        'ceiling',
        'untrainedRho',
      ]),
    );
    expect(Object.keys(document.summary[0])).toEqual([
      'variable',
      'rho',
      'rhoSd',
      'r2',
      'untrainedRho',
      'rivals',
      'ceiling',
    ]);
  });

  it('cache: folder, entries, bytes and limit', async () => {
    const document = await json('cache');
    expect(document).toMatchObject({
      folder: studies.path('cache'),
      entries: expect.any(Number),
      bytes: expect.any(Number),
      limit: expect.any(Number),
      weights: [],
    });
  });
});

describe('a command that did its work exits with 0 and', () => {
  it('fit without --json prints a text for people, and says on stderr where the run is', async () => {
    const { code, stdout, stderr } = await run(['fit', 'study.yaml']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Fitted on features:.*features\.npz, epoch 2 of 2 kept\./);
    expect(stdout).toContain('Stage tuning:');
    expect(stderr).toContain(
      `note: ${studies.path('rdms.npz')}, EVC holds no names: row i is taken for the i-th image`,
    );
    expect(stderr).toContain('The run is in runs/study');
    expect(readdirSync(studies.path('runs/study'))).toContain('encoder.safetensors');
  });

  it('extract and rdm write a file and nothing on stdout', async () => {
    const extracted = await run([
      'extract',
      '--images',
      'images',
      '--backbone',
      'gabor',
      '--stages',
      'layer4',
      '--out',
      'f.safetensors',
    ]);
    expect([extracted.code, extracted.stdout]).toEqual([0, '']);
    const { code, stdout, stderr } = await run(['rdm', 'f.safetensors', '--metric', 'correlation', '--out', 'f.npy']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`(${N} x ${N}, correlation) to f.npy`);
  });

  it('stops quietly where whoever reads its results has seen enough', async () => {
    const { code, stderr } = await run(['inspect', 'features.npz'], { closeStdout: true });
    expect([code, stderr]).toEqual([0, '']);
  });
});
