import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { listFolder } from '../../src/host/index.ts';
import { findChallengeData } from '../../src/study/reproduce/challenge-data.ts';
import { drawChallenge, SMALL_SIZES } from './challenge-folder.ts';
import { testStudies } from './environment.ts';

const studies = await testStudies();
const download = await drawChallenge(studies, 'download', { layout: 'download', nTimes: 4, testRdms: true });
const plain = await drawChallenge(studies, 'plain', { layout: 'plain', nTimes: 1 });
const find = (root: string) => findChallengeData(root, studies.environment, listFolder, SMALL_SIZES);

describe("the challenge's data are found", () => {
  it('laid out as its download, time-resolved MEG and test RDMs too', async () => {
    const { training, test } = await find(download);
    expect(training.map(({ nImages, images }) => [nImages, images])).toEqual([
      [32, `${download}/Training_Data/32_Image_Set/32images`],
      [34, `${download}/Training_Data/34_Image_Set/34images`],
    ]);
    expect(training[1].targets).toEqual({
      EVC_RDMs: { rdms: `${download}/Training_Data/34_Image_Set/target_fmri.mat`, variable: 'EVC_RDMs', nTimes: 1 },
      IT_RDMs: { rdms: `${download}/Training_Data/34_Image_Set/target_fmri.mat`, variable: 'IT_RDMs', nTimes: 1 },
      MEG_RDMs_early: {
        ...{ rdms: `${download}/Training_Data/34_Image_Set/target_meg.mat`, variable: 'MEG_RDMs_early', nTimes: 4 },
      },
      MEG_RDMs_late: {
        ...{ rdms: `${download}/Training_Data/34_Image_Set/target_meg.mat`, variable: 'MEG_RDMs_late', nTimes: 4 },
      },
    });
    expect(test).toMatchObject({ nImages: 8, images: `${download}/Test_Data/8images` });
    expect(Object.keys(test!.targets).length).toBe(4);
  });

  it('laid out plainly, with MEG RDMs averaged over time in files of their own', async () => {
    const { training, test } = await find(plain);
    expect(training[0].images).toBe(`${plain}/32/images`);
    expect(training[0].targets.MEG_RDMs_early).toEqual({ rdms: `${plain}/32/meg_early_tavg.npy`, nTimes: 1 });
    expect(test).toEqual({ nImages: 8, images: `${plain}/8/images`, targets: {} });
  });

  it('below another folder, among other files, and where one set is not there', async () => {
    const root = await drawChallenge(studies, 'deep/challenge', { layout: 'download', nTimes: 4 });
    renameSync(`${root}/Training_Data/32_Image_Set`, studies.path('elsewhere'));
    const set = `${root}/Training_Data/34_Image_Set`;
    await studies.writeArrays('deep/challenge/Training_Data/34_Image_Set/example_submission_fmri.mat', {});
    writeFileSync(`${set}/fmri_notes.txt`, 'mine');
    mkdirSync(`${set}/34images_feats`);
    const { training } = await find(studies.path('deep'));
    expect(training.map(({ nImages }) => nImages)).toEqual([34]);
    expect(training[0].targets.EVC_RDMs?.rdms).toBe(`${set}/target_fmri.mat`);
  });

  it('RDMs of another number of images are not those of a set', async () => {
    const root = await drawChallenge(studies, 'mixed', { layout: 'plain', nTimes: 1 });
    renameSync(`${root}/34/target_fmri.mat`, `${root}/32/target_fmri.mat`);
    const { training } = await find(root);
    expect(training.map(({ targets }) => Object.keys(targets))).toEqual([
      ['MEG_RDMs_early', 'MEG_RDMs_late'],
      ['MEG_RDMs_early', 'MEG_RDMs_late'],
    ]);
  });
});

describe('a folder without them is a mistake', () => {
  it('that says what they look like', async () => {
    mkdirSync(studies.path('empty'));
    await expect(find(studies.path('empty'))).rejects.toThrow(
      new UsageError(
        `${studies.path('empty')}: expected the challenge's data, a folder such as 32images with 32 images or 34images with 34 images and target_fmri.mat beside it, found none; name the folder that holds Training_Data`,
      ),
    );
  });

  it('also where it is no folder', async () => {
    await expect(find(studies.path('nowhere'))).rejects.toThrow(
      new UsageError(`${studies.path('nowhere')}: expected a folder with the challenge's data, found none`),
    );
  });
});
