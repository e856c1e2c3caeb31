import { cpSync, readdirSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { float64Array } from '../../src/formats/array.ts';
import { subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { hypercolumn } from './hypercolumn.ts';

const N = 8;
const RESNET = ['backbone.architecture=resnet50', 'backbone.weights=untrained'];
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  await studies.drawImages('images', N);
  const [first] = readdirSync(studies.path('images'));
  cpSync(studies.path(`images/${first}`), studies.path(`one/${first}`));
  const times = subjectRdms(N, 6).data as Float64Array;
  await studies.writeArrays('rdms.npz', {
    EVC: subjectRdms(N, 3),
    MEG: float64Array([3, 2, N, N], times),
    flat: float64Array([3, 1, N, N], times.slice(0, 3 * N * N)),
  });
  await studies.writeArrays('one.npz', { EVC: subjectRdms(1, 3) });
  await studies.writeText(
    'study.yaml',
    `backbone: { architecture: gabor, preprocess: squash }\ndata: [{ images: images, rdms: rdms.npz, variable: EVC }]\ntraining: { epochs: 2 }\nscoring: { rivals: none, samples: 20, permutations: 20 }\n`,
  );
  await studies.writeText('taken.partial', 'a file');
});

it.each<[string, string[], RegExp]>([
  [
    'a set of one image',
    ['--set', 'data.0.images=one', 'data.0.rdms=one.npz'],
    /one\.npz, EVC: expected RDMs of at least 3 conditions, got 3 x 1 x 1: one makes no pair$/,
  ],
  [
    'a clique larger than the set',
    ['--set', 'training.sampler=cliques', 'training.cliqueSize=9'],
    /^error: training\.cliqueSize: expected at most the 8 images that data set EVC trains on, got 9; lower it, or name sampler: pairs$/,
  ],
  [
    'a clique larger than what a holdout leaves of the set',
    ['--set', 'training.sampler=cliques', 'training.cliqueSize=7', 'training.holdout.fraction=0.25'],
    /^error: training\.cliqueSize: expected at most the 6 images that data set EVC trains on, got 7; lower it, or name sampler: pairs$/,
  ],
  [
    'a window of times in data without any',
    ['--set', 'training.time.width=0.2'],
    /^error: training\.time: expected RDMs of at least 2 time points .* got 1 in data set EVC; name such RDMs or take time: mean$/,
  ],
  [
    'a window of times in data of a single one',
    ['--set', 'training.time.width=0.2', 'data.0.variable=flat'],
    /^error: training\.time: expected RDMs of at least 2 time points .* got 1 in data set flat; name such RDMs or take time: mean$/,
  ],
  [
    'a stage that the network does not have',
    ['--set', 'backbone.stages=[layer0, layer9]'],
    /^error: stages: gabor has no "layer9"; close to it are layer0, layer1, layer2, layer3, layer4$/,
  ],
  [
    'a first stage to train that the network does not have',
    ['--set', ...RESNET, 'encoder.train=all', 'encoder.trainFrom=layer9'],
    /^error: encoder\.trainFrom: expected a stage of resnet50 \(.*layer4.*\), got layer9$/,
  ],
  [
    'weights to train in a network without any',
    ['--set', 'encoder.train=all'],
    /^error: study\.yaml: encoder\.train: expected mask with gabor, got all; that network has no weights to train$/,
  ],
  [
    'a run folder where the system makes none',
    ['--out', '/proc/hypercolumn/run'],
    /^error: \/proc\/hypercolumn\/run: .*; .*choose another --out$/,
  ],
  ['a run folder below a file', ['--out', 'study.yaml/run'], /^error: study\.yaml\/run.*$/],
  [
    'a file where checkpoints go',
    ['--out', 'taken'],
    /^error: taken\.partial: expected a folder's name to write to, got a file; choose another --out$/,
  ],
])('%s is a mistake of the user, said in one sentence, and leaves nothing behind', async (_, args, message) => {
  const before = readdirSync(studies.path('.'));
  const { code, stdout, stderr } = await hypercolumn(['fit', 'study.yaml', '--out', 'run', ...args], {
    cwd: studies.path('.'),
    env: { HYPERCOLUMN_CACHE: studies.path('cache') },
  });
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(message);
  expect([code, stdout]).toEqual([2, '']);
  expect(readdirSync(studies.path('.')).filter((name) => name !== 'cache')).toEqual(
    before.filter((name) => name !== 'cache'),
  );
});

it.each([
  ['a clique larger than the set', ['--set', 'training.sampler=cliques', 'training.cliqueSize=9']],
  ['a place where no folder can be made', ['--out', '/proc/hypercolumn/run']],
])('%s is said before the network runs', async (_, args) => {
  const { code, stderr } = await hypercolumn(['fit', 'study.yaml', ...args], {
    cwd: studies.path('.'),
    env: { HYPERCOLUMN_CACHE: studies.path('empty cache') },
  });
  expect(code).toBe(2);
  expect(stderr).not.toMatch(/extracting|training the mask/);
});
