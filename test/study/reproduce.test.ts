import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import type { Progress } from '../../src/core/progress.ts';
import { openFile } from '../../src/formats/open.ts';
import { listFolder } from '../../src/host/index.ts';
import { describeReproduction } from '../../src/report/reproduce-text.ts';
import { withSource } from '../../src/study/environment.ts';
import { type ReproduceOptions, reproduce } from '../../src/study/reproduce/reproduce.ts';
import { drawChallenge, SMALL_SIZES } from './challenge-folder.ts';
import { testStudies } from './environment.ts';

const studies = await testStudies();
const { environment, notices, path } = studies;
const download = await drawChallenge(studies, 'download', { layout: 'download', nTimes: 4, testRdms: true });
const plain = await drawChallenge(studies, 'plain', { layout: 'plain', nTimes: 1 });

/** A network that needs no weights, whose mask alone can learn. */
const SMALL = [
  'backbone.architecture=gabor',
  'backbone.preprocess=squash',
  'backbone.stages=null',
  'encoder.train=mask',
  'training.sampler=pairs',
  'training.epochs=2',
];

function run(options: Partial<ReproduceOptions> & Pick<ReproduceOptions, 'data' | 'out'>, on = environment) {
  return reproduce(
    {
      listFolder,
      resolvePath: (each) => each,
      sizes: SMALL_SIZES,
      overrides: [...SMALL, 'training.crop=none'],
      ...options,
    },
    on,
  );
}

async function arraysOf(file: string): Promise<Record<string, readonly number[]>> {
  return withSource(environment, file, async (source) => {
    const { entries } = await openFile(source);
    return Object.fromEntries(entries.map(({ name, shape }) => [name, shape]));
  });
}

describe('a reproduction on all of the data', async () => {
  const out = path('whole');
  const result = await run({ data: download, out });

  it("writes what the challenge's scripts read: n x n arrays by their names", async () => {
    expect(result.submissions).toEqual({ fmri: `${out}/submit_fmri.mat`, meg: `${out}/submit_meg.mat` });
    expect(await arraysOf(`${out}/submit_fmri.mat`)).toMatchObject({ EVC_RDMs: [8, 8], IT_RDMs: [8, 8] });
    expect(await arraysOf(`${out}/submit_meg.mat`)).toMatchObject({ MEG_RDMs_early: [8, 8], MEG_RDMs_late: [8, 8] });
  });

  it('fits each configuration on the RDMs that the paper gave it, with time points drawn where there are any', () => {
    const study = (key: string) => JSON.parse(readFileSync(`${out}/${key}/study.json`, 'utf8'));
    const names = (key: string) => study(key).data.map(({ name }: { name: string }) => name);
    expect(names('evc')).toEqual(['EVC 32', 'EVC 34', 'MEG early 32', 'MEG early 34']);
    expect(names('it')).toEqual(['IT 32', 'IT 34']);
    expect(names('meg_early')).toEqual(['MEG early 32', 'MEG early 34']);
    expect(names('meg_late')).toEqual(['MEG late 32', 'MEG late 34']);
    expect(study('evc').training.time).toEqual({ centre: 0.5, width: 0.25 });
    expect(study('it').training).toMatchObject({ time: 'mean', reliability: 'none' });
  });

  it('scores what was predicted where there are RDMs of the test images, and names the ceiling', () => {
    for (const { test, heldOut } of result.rows) {
      expect(test!.percentOfCeiling).toBeCloseTo((100 * test!.r2) / test!.ceiling!);
      expect(test!.published).toBe(false); // the challenge's is of 78 images
      expect(heldOut.map(({ heldOut }) => heldOut?.nImages)).toEqual([3, 3]);
    }
    expect(result.tracks.fmri).toBeGreaterThan(0);
    expect(result.missing).toEqual([expect.stringMatching(/^the weights of the paper's se_resnext50_32x4d/)]);
  });

  it("puts ours beside the paper's", () => {
    const text = describeReproduction(result);
    expect(text).toMatch(/^The paper's Table 1 and ours \(gabor, not the paper's network\)/);
    expect(text).toMatch(/^fMRI EVC +24\.93 +\d+\.\d\d\* +-?0\.\d{3}$/m);
    expect(text).toMatch(/^MEG track +42\.26 +\d+\.\d\d\*$/m);
    expect(text).toMatch(/^fMRI IT +IT 34 +3 +-?\d\.\d{3} /m);
    expect(text).toContain('They chose the epoch, so this is a\nlittle too good.');
  });

  it('shows no percentage of a track with one published ceiling and one of its own, and says why', () => {
    const rows = result.rows.map((row) =>
      row.key === 'meg_early' ? { ...row, test: { ...row.test!, published: true } } : row,
    );
    const text = describeReproduction({ ...result, rows, tracks: { ...result.tracks, meg: null } });
    expect(text).toMatch(/^MEG track +42\.26 +-$/m);
    expect(text).toMatch(/^MEG track: -, since one of its ceilings is published and the other is the RDMs' own$/m);
    expect(text).not.toContain('fMRI track: -');
  });

  it('takes finished runs as they are when called again, and fits the one that is gone', async () => {
    const written = (key: string) => statSync(`${out}/${key}/encoder.safetensors`).mtimeMs;
    const before = ['evc', 'meg_late'].map(written);
    await environment.removeFolder(`${out}/it`, ['encoder.safetensors', ...(await listFolder(`${out}/it`))!.files]);
    const again = await run({ data: download, out });
    expect(['evc', 'meg_late'].map(written)).toEqual(before);
    expect(again).toEqual(result);
  });

  it('refuses a folder with runs of other settings, naming the first', async () => {
    await expect(
      run({ data: download, out, overrides: [...SMALL, 'training.crop=none', 'training.epochs=3'] }),
    ).rejects.toThrow(
      new UsageError(
        `${out}/evc: expected a run with training.epochs 3, got one with 2; name another --out, or remove that folder to fit anew`,
      ),
    );
  });
});

describe('a reproduction on part of the data', async () => {
  const out = path('part');
  mkdirSync(path('bare/34/images'), { recursive: true });
  for (const file of (await listFolder(`${plain}/34/images`))!.files) {
    copyFileSync(`${plain}/34/images/${file}`, path(`bare/34/images/${file}`));
  }
  for (const file of ['meg_early_tavg.npy', 'target_fmri.mat'])
    copyFileSync(`${plain}/34/${file}`, path(`bare/34/${file}`));
  const result = await run({ data: path('bare'), out });

  it('says what is not there, before it fits and after', () => {
    const missing = [
      expect.stringContaining("the paper's se_resnext50_32x4d: fitted with gabor instead"),
      'the set of 32 images: learnt without it',
      'RDMs of the 34 images for MEG late: learnt without them',
      'time-resolved RDMs of the 34 images for MEG early: these are means over time, of which no time points are drawn',
      'the 8 test images: nothing is predicted',
    ];
    expect(result.missing).toEqual(missing);
    for (const each of result.missing) expect(notices).toContain(`not here: ${each}`);
  });

  it('prints no number where there is none', () => {
    const text = describeReproduction(result);
    expect(result.submissions).toEqual({ fmri: null, meg: null });
    expect(text).toMatch(/^fMRI EVC +24\.93 +- +-$/m);
    expect(text).toMatch(/^fMRI track +20\.21 +-$/m);
    expect(text).toMatch(/^MEG late +none +- +- +-$/m);
    expect(text).not.toContain("For the challenge's scripts");
  });
});

it('a reproduction that was stopped goes on to the bytes of one that was not', async () => {
  const overrides = [...SMALL, 'training.crop=none', 'training.epochs=40'];
  await run({ data: plain, out: path('never-stopped'), overrides });
  const controller = new AbortController();
  const stopping = {
    ...environment,
    stoppable: <T>(work: (signal: AbortSignal) => Promise<T>) => work(controller.signal),
    onProgress: ({ phase, done, total }: Progress) => {
      if (phase.startsWith('fMRI IT') && done > total / 3) controller.abort(new Error('stopped'));
    },
  };
  const options = { data: plain, out: path('stopped'), overrides };
  await expect(run(options, stopping)).rejects.toThrow('stopped');
  expect(existsSync(path('stopped/evc'))).toBe(true);
  expect(existsSync(path('stopped/it.partial'))).toBe(true);
  expect(existsSync(path('stopped/it'))).toBe(false);

  notices.length = 0;
  await run(options);
  expect(notices).toContainEqual(expect.stringMatching(/it\.partial: going on (in|after) epoch \d+ of 40/));
  expect(existsSync(path('stopped/it.partial'))).toBe(false);
  for (const file of ['evc/encoder.safetensors', 'it/encoder.safetensors', 'submit_fmri.mat', 'submit_meg.mat']) {
    expect(readFileSync(path(`stopped/${file}`)).equals(readFileSync(path(`never-stopped/${file}`))), file).toBe(true);
  }
});

describe('the network is', () => {
  const data = path('near/challenge');
  mkdirSync(path('near/weights'), { recursive: true });
  mkdirSync(data, { recursive: true });

  it('asked for where there are no weights', async () => {
    await expect(run({ data: plain, out: path('none'), overrides: [] })).rejects.toThrow(
      /^reproduce: expected the weights of se_resnext50_32x4d, found none; fetch them with hypercolumn weights .*--weights FILE$/,
    );
  });

  it("the paper's before another where both lie near the data", async () => {
    const { chooseNetwork } = await import('../../src/study/reproduce/reproduce-network.ts');
    writeFileSync(path('near/weights/resnet50.safetensors'), '');
    const choose = () => chooseNetwork({ data, listFolder }, environment);
    expect(await choose()).toEqual({
      architecture: 'resnet50',
      weights: expect.stringMatching(/resnet50\.safetensors$/),
    });
    writeFileSync(path('near/weights/se_resnext50_32x4d-a260b3a4.pth'), '');
    expect(await choose()).toMatchObject({ architecture: 'se_resnext50_32x4d' });
  });

  it.each([
    ['layer1.0.se_module.fc1.weight', 'se_resnext50_32x4d'],
    ['layer1.0.conv1.weight', 'resnet50'],
  ])('told by the arrays of a file that is named: %s', async (array, architecture) => {
    const { chooseNetwork } = await import('../../src/study/reproduce/reproduce-network.ts');
    const values = { kind: 'numeric' as const, dtype: 'float32' as const, shape: [1], data: new Float32Array(1) };
    const weights = await studies.writeArrays(`${architecture}/w.safetensors`, { [array]: values });
    expect(await chooseNetwork({ data, listFolder, weights }, environment)).toEqual({ architecture, weights });
  });
});
