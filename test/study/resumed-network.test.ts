import { beforeAll, expect, it } from 'vitest';
import type { Environment } from '../../src/study/environment.ts';
import { runStudy, type StudyRun } from '../../src/study/run.ts';
import { openPartialRun, type PartialMode } from '../../src/study/runs/partial-run.ts';
import { subjectRdms, type TestStudies, testStudies } from './environment.ts';
import { smallModel } from './small-model.ts';

const N = 10;
const FROZEN = 'computing frozen stages';
const MASK = 'training the mask alone';
let studies: TestStudies;
let whole: StudyRun;
/** Phases of the work, in order, each once. */
let phases: Set<string>;

beforeAll(async () => {
  studies = await testStudies();
  await studies.drawImages('images', N);
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
  await studies.environment.writeFile(studies.path('small.onnx'), (sink) => sink.write(0, smallModel()));
  whole = await fitStudy('whole', 'refuse');
  expect([...phases]).toEqual(expect.arrayContaining([MASK, FROZEN]));
});

async function fitStudy(run: string, mode: PartialMode, changed: Partial<Environment> = {}): Promise<StudyRun> {
  const study = studies.study({
    backbone: { architecture: 'onnx:small.onnx', preprocess: 'squash' },
    data: [{ images: 'images', rdms: 'rdms.npz', variable: 'EVC' }],
    encoder: { mask: 'channel', train: 'all', trainFrom: 'layer1' },
    training: { epochs: 4, cliqueSize: 5, learningRate: 0.01 },
  });
  phases = new Set();
  const { onProgress = () => {}, ...others } = changed;
  const environment: Environment = {
    ...studies.environment,
    ...others,
    onProgress(progress) {
      phases.add(progress.phase);
      onProgress(progress);
    },
  };
  const partial = await openPartialRun(studies.path(run), study, mode, environment);
  return runStudy(study, environment, { partial });
}

/** The network's weights, the mask and all scores. */
const learnt = ({ fits }: StudyRun) => fits.map(({ tuned, ...others }) => ({ ...others, bytes: tuned!.bytes }));

it('a fit that goes on does not learn the mask alone again, and says that it computes frozen stages again', async () => {
  const controller = new AbortController();
  const stopped = fitStudy('stopped', 'refuse', {
    stoppable: (work) => work(controller.signal),
    onProgress({ phase, detail }) {
      if (phase === 'training' && detail?.startsWith('epoch 2 of 4')) controller.abort(new Error('stopped'));
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  studies.notices.length = 0;
  expect(learnt(await fitStudy('stopped', 'resume'))).toEqual(learnt(whole));
  expect(studies.notices).toContainEqual(
    'what the frozen stages make of the images is not kept with a fit, so it is computed again, to the same values',
  );
  expect(phases).toContain(FROZEN);
  expect(phases).not.toContain(MASK);
});

it('a fit whose training was over computes neither again', async () => {
  const { writeFile } = studies.environment;
  const full = fitStudy('over', 'refuse', {
    writeFile: (path, fill) =>
      path.endsWith('encoder.safetensors') ? Promise.reject(new Error('no room')) : writeFile(path, fill),
  });
  await expect(full).rejects.toThrow('no room');
  studies.notices.length = 0;
  expect(learnt(await fitStudy('over', 'resume'))).toEqual(learnt(whole));
  expect(studies.notices.join('\n')).not.toContain('frozen');
  for (const phase of [FROZEN, MASK]) expect(phases).not.toContain(phase);
});
