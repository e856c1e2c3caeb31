import { describe, expect, it } from 'vitest';
import type { ChallengeData, ChallengeSet } from '../../src/study/reproduce/challenge-data.ts';
import { challengeStudies, missingData, quickSaid } from '../../src/study/reproduce/reproduce-studies.ts';

function setOf(nImages: number, nTimes: number): ChallengeSet {
  const meg = { rdms: 'meg.mat', nTimes };
  const fmri = { rdms: 'fmri.mat', nTimes: 1 };
  const targets = { EVC_RDMs: fmri, IT_RDMs: fmri, MEG_RDMs_early: meg, MEG_RDMs_late: meg };
  return { nImages, images: `${nImages}`, targets };
}

const DATA: ChallengeData = { training: [setOf(92, 1), setOf(118, 20)], test: setOf(78, 20) };
const studies = (quick: boolean, ...overrides: string[]) =>
  challengeStudies(DATA, { backbone: { architecture: 'resnet50' }, quick, overrides });

describe('--quick', () => {
  it('trains layer4 with the mask where all weights were to learn, and the mask alone for IT', () => {
    const quick = studies(true);
    expect(quick.map(({ study }) => study.encoder.trainFrom)).toEqual(['layer4', undefined, 'layer4', 'layer4']);
    expect(quickSaid(quick)).toBe(
      "quick: fMRI EVC, MEG early, MEG late 5 epochs of the mask, then 1 epoch of layer4 with it in cliques of 24, no random crops; fMRI IT 5 epochs of the mask, no random crops: these are not the paper's settings",
    );
  });

  it.each([
    ['mask', undefined, 5],
    ['all', 'layer4', 1],
  ])('goes by what --set says is learnt: %s', (train, trainFrom, epochs) => {
    for (const { study } of studies(true, `encoder.train=${train}`)) {
      expect(study.encoder).toMatchObject({ train });
      expect(study.encoder.trainFrom).toBe(trainFrom);
      expect(study.training).toMatchObject({ epochs, crop: 'none' });
    }
  });

  it('says what --set makes of it', () => {
    const said = quickSaid(studies(true, 'encoder.train=mask', 'training.epochs=1', 'training.crop=random'));
    expect(said).toMatch(/MEG late 1 epoch of the mask, random crops: these/);
  });
});

it('what time points are drawn of is said for each set', () => {
  const missing = missingData(DATA, { training: [92, 118], test: 78 });
  expect(missing).toEqual([
    'time-resolved RDMs of the 92 images for MEG early, MEG late: these are means over time, of which no time points are drawn',
  ]);
  for (const { key, study } of studies(false)) {
    expect(study.training.time).toEqual(key === 'it' ? 'mean' : { centre: 0.5, width: 0.25 });
  }
});
