import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { smallModel } from '../study/small-model.ts';
import { hypercolumn, hypercolumnUntil, resultsIn } from './hypercolumn.ts';

const N = 12;
const STUDY = `backbone: { architecture: 'onnx:small.onnx', preprocess: squash }
scoring: { rivals: none, samples: 20, permutations: 20 }
encoder: { train: all }
data: [{ images: images, rdms: rdms.npz, variable: MEG }]
training:
  epochs: 60
  cliqueSize: 5
  crop: random
  time: { width: 0.3 }
  learningRate: { backbone: 0.001 }
  schedule: { kind: cosine, warmup: 0.5 }
  optimiser: adamw
  holdout: { by: image, fraction: 0.3 }
`;
let studies: TestStudies;
let whole: Record<string, Buffer>;

beforeAll(async () => {
  studies = await testStudies();
  await studies.drawImages('images', N);
  const { data } = subjectRdms(N, 6);
  await studies.writeArrays('rdms.npz', { MEG: { ...subjectRdms(N, 6), shape: [2, 3, N, N], data } });
  for (const [name, seed] of [
    ['small.onnx', ''],
    ['other.onnx', 'other'],
  ]) {
    await studies.environment.writeFile(studies.path(name), (sink) => sink.write(0, smallModel(seed)));
  }
  await studies.writeText('study.yaml', STUDY);
  const { code, stderr } = await fitInto('whole');
  expect(code, stderr).toBe(0);
  whole = filesOf('whole');
});

const surroundings = () => ({ cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') } });
const argumentsOf = (out: string, options: readonly string[]) => [
  ...['fit', 'study.yaml', '--out', out, '--threads', '1'],
  ...options,
];
const fitInto = (out: string, ...options: string[]) => hypercolumn(argumentsOf(out, options), surroundings());
const filesOf = (folder: string) => resultsIn(studies.path(folder));
const checkpointOf = (out: string) => () => existsSync(studies.path(`${out}.partial/checkpoint.safetensors`));

it.each([
  ['SIGKILL', null],
  ['SIGINT', 130],
] as const)('a network whose training ended by %s goes on to the same bytes', async (signal, status) => {
  const stopped = await hypercolumnUntil(checkpointOf(signal), signal, argumentsOf(signal, []), surroundings());
  expect(stopped.code, stopped.stderr).toBe(status);
  const { code, stderr } = await fitInto(signal, '--resume');
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(new RegExp(`^note: ${signal}\\.partial: going on (in|after) epoch \\d+ of 60`, 'm'));
  expect(stderr).not.toContain('training the mask alone'); // the checkpoint has what came of it
  expect(Object.keys(whole)).toContain('backbone.safetensors');
  expect(filesOf(signal)).toEqual(whole);
});

it('fits of permuted labels that were through are not fitted again', async () => {
  const options = ['--tuning', '6', '--set', 'training.epochs=20'];
  expect((await fitInto('tuned', ...options)).code).toBe(0);
  const isThrough = () =>
    checkpointOf('broken')() &&
    readFileSync(studies.path('broken.partial/checkpoint.safetensors')).includes('permuted\\":[{');
  await hypercolumnUntil(isThrough, 'SIGKILL', argumentsOf('broken', options), surroundings());
  const before = filesOf('broken.partial');
  const fewer = await fitInto('broken', '--resume', ...options.slice(2));
  expect(fewer.stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^error: broken\.partial: (1 fit of label-permuted RDMs is|\d fits of label-permuted RDMs are) kept, got 0 asked for; give --tuning \d or more, or start again with --restart$/,
  );
  expect([fewer.code, fewer.stdout, filesOf('broken.partial')]).toEqual([2, '', before]);
  const { code, stderr } = await fitInto('broken', '--resume', ...options);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/fitting label-permuted RDMs [1-6]\/6/);
  expect(stderr).not.toContain('fitting label-permuted RDMs 0/6');
  expect(filesOf('broken')).toEqual(filesOf('tuned'));
});

it('a network of other weights does not go on with it, nor one of another architecture', async () => {
  await hypercolumnUntil(checkpointOf('kept'), 'SIGKILL', argumentsOf('kept', []), surroundings());
  const before = filesOf('kept.partial');
  const mistaken = async (architecture: string, message: RegExp) => {
    const { code, stdout, stderr } = await fitInto(
      'kept',
      '--resume',
      '--set',
      `backbone.architecture=${architecture}`,
    );
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(filesOf('kept.partial')).toEqual(before);
  };
  await mistaken(
    'onnx:other.onnx',
    /^error: kept\.partial: expected the weights of onnx:small\.onnx that the fit was begun with, got others; bring the same file back, or start again with --restart$/,
  );
  await mistaken(
    'resnet50',
    /^error: kept\.partial: expected the study whose fit was stopped, with backbone\.architecture "onnx:.*small\.onnx", got "resnet50"; set it back, or start again with --restart$/,
  );
});
