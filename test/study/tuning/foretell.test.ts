import { beforeEach, describe, expect, it } from 'vitest';
import { checkStudy } from '../../../src/study/settings/study-file.ts';
import { foretellTuning } from '../../../src/study/tuning/foretell.ts';

const said: string[] = [];
const study = (settings: object = {}) =>
  checkStudy({ backbone: { architecture: 'gabor' }, data: [{ images: 'images', rdms: 'rdms.npz' }], ...settings });
const foretell = (settings: object, nPermutations: number, stability: boolean) =>
  foretellTuning(study(settings), { nPermutations, stability }, { onNotice: (notice) => said.push(notice) });
const CROPS = { training: { crop: 'random' } };

beforeEach(() => {
  said.length = 0;
});

describe('the cost of a tuning', () => {
  it('is said once a fit is known to make it a minute or more of computing', () => {
    foretell({}, 20, true)(2);
    expect(said).toEqual([]);
    foretell({}, 20, true)(10);
    foretell({}, 20, false)(3);
    expect(said).toEqual([
      'tuning: 20 fits of label-permuted RDMs, 4 of other seeds and 5 of other images take about 5 min of computing, which worker threads share',
      'tuning: 20 fits of label-permuted RDMs take about 60 s of computing, which worker threads share',
    ]);
  });

  it('is said before and after the fit where each permuted one asks the network anew, and what is left out', () => {
    foretell(CROPS, 3, true)(100);
    expect(said).toEqual([
      'tuning: fits of other seeds and splits are left out, since each would ask the network anew',
      'tuning: each of the 3 fits of label-permuted RDMs asks the network anew and takes as long as the fit itself, one after the other',
      'tuning: 3 fits take about 5 min',
    ]);
  });

  it('is nothing without such fits', () => {
    foretell({}, 0, false)(1e6);
    foretell(CROPS, 0, false)(1e6);
    expect(said).toEqual([]);
  });
});
