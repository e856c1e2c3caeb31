import { existsSync, mkdirSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { hypercolumn } from './hypercolumn.ts';

const N = 92;
/** Seconds' worth: no weights, the mask alone. */
const SMALL = [
  ...['backbone.architecture=gabor', 'backbone.preprocess=squash', 'backbone.stages=null'],
  ...['encoder.train=mask', 'training.sampler=pairs', 'training.crop=none', 'training.epochs=1'],
].flatMap((setting) => ['--set', setting]);
let studies: TestStudies;

beforeAll(async () => {
  studies = await testStudies();
  const set = `challenge/Training_Data/${N}_Image_Set`;
  await studies.drawImages(`${set}/${N}images`, N);
  await studies.writeArrays(`${set}/target_fmri.mat`, { EVC_RDMs: subjectRdms(N, 3), IT_RDMs: subjectRdms(N, 3, 9) });
});

const reproduce = (...options: string[]) =>
  hypercolumn(['reproduce', ...options], {
    cwd: studies.path('.'),
    env: { HYPERCOLUMN_CACHE: studies.path('cache') },
  });

it("prints ours beside the paper's, or one document of the same, from what is there", async () => {
  const { code, stdout, stderr } = await reproduce('--data', 'challenge', ...SMALL);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^fMRI EVC +24\.93 +- +-$/m);
  expect(stdout).toMatch(/^fMRI IT +IT 92 +9 +-?0\.\d{3} /m);
  expect(stdout).toMatch(/^MEG late +none/m);
  expect(stderr).toContain('note: not here: the set of 118 images: learnt without it');

  const again = await reproduce('--data', 'challenge', '--json', ...SMALL);
  expect(again.code).toBe(0);
  expect(again.stderr).not.toContain('training'); // the runs are there
  const { network, rows, submissions } = JSON.parse(again.stdout);
  expect(network).toEqual({ architecture: 'gabor', ofPaper: false });
  expect(rows.map(({ paper }: { paper: number }) => paper)).toEqual([24.93, 15.55, 51.21, 35.1]);
  expect(submissions).toEqual({ fmri: null, meg: null });
});

it('stopped before anything is learnt does not say that anything is kept', async () => {
  let stopped = false;
  const { code, stderr } = await hypercolumn(['reproduce', '--data', 'challenge', '--out', 'early', ...SMALL], {
    cwd: studies.path('.'),
    env: { HYPERCOLUMN_CACHE: studies.path('empty-cache') },
    onStderr(said, child) {
      if (!stopped && said.includes('not here:')) stopped = child.kill('SIGINT');
    },
  });
  expect([stopped, code, existsSync(studies.path('early'))]).toEqual([true, 130, false]);
  expect(stderr).toMatch(/\ninterrupted; nothing half-written is left\n$/);
});

it('is a mistake where the data, the weights or a setting cannot be used', async () => {
  mkdirSync(studies.path('empty'));
  const said = async (...options: string[]) => {
    const { code, stderr } = await reproduce(...options);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await said('--data', 'empty')).toContain("expected the challenge's data");
  expect(await said('--data', 'challenge')).toContain('expected the weights of se_resnext50_32x4d, found none');
  expect(await said('--data', 'challenge', '--weights', 'none.pth')).toContain('none.pth');
  expect(await said('--data', 'challenge', ...SMALL, '--set', 'training.epoch=1')).toContain(
    'there is no setting epoch',
  );
});
