import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { hypercolumn, hypercolumnUntil, resultsIn } from './hypercolumn.ts';

const N = 20;
/** A second's worth of everything that a checkpoint has to bring back: schedule, windows of time, holdout, weight decay. */
const STUDY = `backbone: { architecture: gabor, preprocess: squash }
scoring: { rivals: none, samples: 20, permutations: 20 }
data: [{ images: images, rdms: rdms.npz, variable: EVC }, { images: images, rdms: rdms.npz, variable: IT }]
training:
  { epochs: 1500, batch: 8, learningRate: 0.02, schedule: { kind: cosine, warmup: 2.5 }, optimiser: adamw, holdout: { by: image } }
`;
const SHORT = ['--set', 'training.epochs=2', 'training.schedule=constant'];
let studies: TestStudies;
/** Files of the run that was never stopped. */
let whole: Record<string, Buffer>;

beforeAll(async () => {
  studies = await testStudies();
  await studies.drawImages('images', N);
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3), IT: subjectRdms(N, 3, 9) });
  await studies.writeText('study.yaml', STUDY);
  const { code, stderr } = await fitInto('whole');
  expect(code, stderr).toBe(0);
  whole = filesOf('whole');
});

const surroundings = () => ({ cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') } });
const fitInto = (out: string, ...options: string[]) =>
  hypercolumn(['fit', 'study.yaml', '--out', out, ...options], surroundings());
const fitUntil = (ready: () => boolean, signal: NodeJS.Signals, out: string, ...options: string[]) =>
  hypercolumnUntil(ready, signal, ['fit', 'study.yaml', '--out', out, ...options], surroundings());
const filesOf = (folder: string) => resultsIn(studies.path(folder));
const isThere = (path: string) => existsSync(studies.path(path));

/** Whether a first seed's fit is through. */
const isThrough = (out: string) => () =>
  checkpointOf(out)() && readFileSync(studies.path(`${out}.partial/checkpoint.safetensors`)).includes('finished\\":[{');
const checkpointOf = (out: string) => () => isThere(`${out}.partial/checkpoint.safetensors`);

describe('a fit that goes on gives the bytes of one that never stopped', () => {
  it('when its process was killed', async () => {
    const { code } = await fitUntil(checkpointOf('killed'), 'SIGKILL', 'killed');
    expect(code).toBeNull();
    expect(isThere('killed')).toBe(false);
    const { code: after, stderr } = await fitInto('killed', '--resume');
    expect(after, stderr).toBe(0);
    expect(stderr).toMatch(/^note: killed\.partial: going on after epoch \d+ of 1500$/m);
    expect(filesOf('killed')).toEqual(whole);
    expect(isThere('killed.partial')).toBe(false);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('when %s stopped it, which exits with %i and says how to go on', async (signal, status) => {
    const { code, stderr } = await fitUntil(checkpointOf(signal), signal, signal);
    expect(code).toBe(status);
    expect(stderr).toMatch(
      new RegExp(
        `\\ninterrupted; what was learnt is kept in ${signal}\\.partial, (in|after) epoch \\d+ of 1500(, step \\d+)?; the same command with --resume goes on\\n$`,
      ),
    );
    expect((await fitInto(signal, '--resume')).code).toBe(0);
    expect(filesOf(signal)).toEqual(whole);
  });

  it('when it was stopped again and again', async () => {
    const bytesOf = () =>
      checkpointOf('often')() ? readFileSync(studies.path('often.partial/checkpoint.safetensors')) : Buffer.of();
    for (const mode of [[], ['--resume'], ['--resume']]) {
      const before = bytesOf();
      await fitUntil(() => !bytesOf().equals(before), 'SIGKILL', 'often', ...mode);
    }
    expect((await fitInto('often', '--resume')).code).toBe(0);
    expect(filesOf('often')).toEqual(whole);
  });

  it('in the seed that it was stopped in', async () => {
    const seeds = ['--set', 'training.seeds=3', 'training.epochs=700'];
    expect((await fitInto('seeds', ...seeds)).code).toBe(0);
    await fitUntil(isThrough('stopped'), 'SIGKILL', 'stopped', ...seeds);
    const { code, stderr } = await fitInto('stopped', '--resume', ...seeds);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/going on (before|after) .*of fit 2 of 3/)]);
    expect(stderr).not.toContain('fit 1 of 3  ');
    expect(filesOf('stopped')).toEqual(filesOf('seeds'));
  });

  it('when it was stopped while RDMs with permuted labels were fitted', async () => {
    const options = ['--tuning', '10', '--set', 'training.epochs=300'];
    expect((await fitInto('tuned', ...options)).code).toBe(0);
    await fitUntil(isThrough('broken'), 'SIGKILL', 'broken', ...options);
    const { code, stderr } = await fitInto('broken', '--resume', ...options);
    expect([code, stderr]).toEqual([0, expect.stringContaining('going on after its last epoch')]);
    expect(filesOf('broken')).toEqual(filesOf('tuned'));
  });

  it('with random crops', async () => {
    const options = ['--set', 'training.crop=random', 'training.epochs=6', 'training.schedule=constant'];
    expect((await fitInto('crops', ...options)).code).toBe(0);
    await fitUntil(checkpointOf('cropped'), 'SIGKILL', 'cropped', ...options);
    expect((await fitInto('cropped', '--resume', ...options)).code).toBe(0);
    expect(filesOf('cropped')).toEqual(filesOf('crops'));
  });
});

it('the network that looks at new crops is stopped between two batches, and says in which epoch', async () => {
  const options = ['--set', 'training.crop=random', 'training.epochs=6', 'training.schedule=constant'];
  let stopped = false;
  const { code, stderr } = await hypercolumn(['fit', 'study.yaml', '--out', 'looking', ...options], {
    ...surroundings(),
    onStderr(said, child) {
      if (!stopped && /extracting 0\/20 +epoch 2 of 6/.test(said)) stopped = child.kill('SIGINT');
    },
  });
  expect(code, stderr).toBe(130);
  expect(stderr).not.toMatch(/extracting 20\/20 .*epoch 2 of 6/);
  expect(stderr).toMatch(/\ninterrupted; what was learnt is kept in looking\.partial, after epoch 1 of 6;/);
  expect((await fitInto('looking', '--resume', ...options)).code).toBe(0);
});

describe('a fit that was stopped', () => {
  beforeAll(async () => {
    await fitUntil(() => checkpointOf('kept')() && isThere('kept.partial/study.json'), 'SIGKILL', 'kept'); // written last
  });
  /** A copy of it, to be damaged. */
  const copy = (name: string) => {
    for (const end of ['', '.partial']) rmSync(studies.path(name + end), { recursive: true, force: true });
    cpSync(studies.path('kept.partial'), studies.path(`${name}.partial`), { recursive: true });
    return filesOf(`${name}.partial`);
  };
  const mistaken = async (expected: RegExp, out: string, ...options: string[]) => {
    const before = filesOf(`${out}.partial`);
    const { code, stdout, stderr } = await fitInto(out, ...options);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(expected);
    expect([code, stdout]).toEqual([2, '']);
    expect(filesOf(`${out}.partial`)).toEqual(before);
  };

  it('is not lost by fitting again without a word about it', async () => {
    copy('again');
    await mistaken(
      /^error: again\.partial: a fit was stopped after epoch \d+ of 1500 and would be lost; go on with it by --resume, or start again with --restart$/,
      'again',
    );
    expect((await fitInto('again', '--restart')).code).toBe(0);
    expect(filesOf('again')).toEqual(whole);
    expect(isThere('again.partial')).toBe(false);
  });

  it('does not go on with another study, and names the first setting that differs', async () => {
    copy('changed');
    await mistaken(
      /^error: changed\.partial: expected the study whose fit was stopped, with training\.epochs 1500, got 20; set it back, or start again with --restart$/,
      'changed',
      '--resume',
      '--set',
      'training.epochs=20',
    );
    await mistaken(
      /^error: changed\.partial: expected the study whose fit was stopped, with backbone\.architecture "gabor", got "resnet50";/,
      'changed',
      '--resume',
      '--set',
      'backbone.architecture=resnet50',
      'backbone.weights=untrained',
    );
  });

  it('does not go on with other RDMs or images, wherever these lie', async () => {
    copy('data');
    await studies.writeArrays('others.npz', { EVC: subjectRdms(N, 3), IT: subjectRdms(N, 3, 10) });
    await mistaken(
      /^error: data\.partial: expected the data that the fit was begun with, got others: IT has changed, its RDMs; bring the same files back, or start again with --restart$/,
      'data',
      '--resume',
      '--set',
      'data.1.rdms=others.npz',
    );
    cpSync(studies.path('images'), studies.path('moved'), { recursive: true });
    const moved = ['--set', 'data.0.images=moved', 'data.1.images=moved'];
    const [first, second] = readdirSync(studies.path('moved'));
    cpSync(studies.path(`moved/${first}`), studies.path(`moved/${second}`));
    await mistaken(/EVC has changed, its images;/, 'data', '--resume', ...moved);
    cpSync(studies.path(`images/${second}`), studies.path(`moved/${second}`));
    expect((await fitInto('data', '--resume', ...moved)).code).toBe(0);
    expect(filesOf('data')['encoder.safetensors']).toEqual(whole['encoder.safetensors']);
  });

  it('goes on with another number of threads, and says that last digits may differ', async () => {
    copy('threads');
    const { code, stderr } = await fitInto('threads', '--resume', '--threads', '1');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^note: threads\.partial: the fit was begun elsewhere \(threads (\d+|one a core), now 1\), so that its last digits may not be/m,
    );
  });

  it('whose checkpoint is cut off or something else is refused in one sentence', async () => {
    const { 'checkpoint.safetensors': bytes } = copy('damaged');
    const path = studies.path('damaged.partial/checkpoint.safetensors');
    for (const damage of [bytes.subarray(0, bytes.length - 100), bytes.subarray(0, 50), whole['encoder.safetensors']]) {
      writeFileSync(path, damage);
      for (const mode of [[], ['--resume']]) {
        await mistaken(
          /^error: damaged\.partial: what was kept of a fit cannot be read \(.*\); start again with --restart$/,
          'damaged',
          ...mode,
        );
      }
    }
    expect((await fitInto('damaged', '--restart', ...SHORT)).code).toBe(0);
  });

  it('is nothing to go on with where there is none, nor where there is a finished run', async () => {
    const { code, stderr } = await fitInto('whole', '--resume');
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: whole: expected a fit that was stopped, got a finished run; leave --resume out to fit again\n$/,
      ),
    ]);
    const fresh = await fitInto('fresh', '--resume', ...SHORT);
    expect([fresh.code, fresh.stderr]).toEqual([
      2,
      'error: fresh.partial: expected a fit that was stopped, nothing is there to go on with; name its run with --out, or leave --resume out to fit from the beginning\n',
    ]);
    expect([isThere('fresh'), isThere('fresh.partial')]).toEqual([false, false]);
  });

  it.each([
    ['its own folder as --out', ['study.yaml', '--out', 'named.partial', '--resume']],
    ['its own folder as --out, without --resume', ['study.yaml', '--out', 'named.partial/']],
    ['the study in its own folder', ['named.partial/study.json', '--resume']],
  ])('named by %s is told of the run that is meant', async (_, args) => {
    const before = copy('named');
    const { code, stderr } = await hypercolumn(['fit', ...args], surroundings());
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: fit: named\.partial\/? is where the stopped fit of the run named is kept; name that run, with --out named --resume\n$/,
      ),
    ]);
    expect(filesOf('named.partial')).toEqual(before);
  });

  it.each(['unfinished', 'unfinished.partial', 'unfinished/'])(
    'cannot be predicted from as %s, which says how it is finished',
    async (run) => {
      copy('unfinished');
      const { code, stderr } = await hypercolumn(
        ['predict', run, '--images', 'images', '--out', 'rdm.npz'],
        surroundings(),
      );
      expect([code, stderr]).toEqual([
        2,
        `error: ${run}: expected the folder of a finished run, unfinished.partial holds a fit that was stopped; finish it with hypercolumn fit --resume --out unfinished and its study\n`,
      ]);
    },
  );

  it('whose folder holds anything else is left alone', async () => {
    copy('noted');
    await studies.writeText('noted.partial/notes.txt', 'precious');
    await mistaken(/noted\.partial: the folder would be replaced, but holds notes\.txt too/, 'noted', '--restart');
  });

  it('cannot go on and start again at once', async () => {
    const { code, stderr } = await fitInto('both', '--resume', '--restart');
    expect([code, stderr]).toEqual([2, expect.stringContaining('so name one of them')]);
  });
});

describe('where there is no room for a checkpoint', () => {
  it('the fit stops with one sentence, and the earlier one stays whole', async () => {
    await fitUntil(checkpointOf('full'), 'SIGKILL', 'full');
    const before = filesOf('full.partial');
    const { code, stdout, stderr } = await hypercolumn(['fit', 'study.yaml', '--out', 'full', '--resume'], {
      ...surroundings(),
      fileLimit: 8,
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /\nerror: full\.partial\/checkpoint\.safetensors: it cannot be written \(EFBIG.*\); make room or write elsewhere, what stood there before is as it was\n$/,
    );
    expect(filesOf('full.partial')).toEqual(before);
    expect((await fitInto('full', '--resume')).code).toBe(0);
    expect(filesOf('full')).toEqual(whole);
  });
});
