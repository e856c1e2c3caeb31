import { expect, it } from 'vitest';
import { paperDeviations } from '../../src/study/reproduce/paper-deviations.ts';
import { parseStudy } from '../../src/study/settings/study-file.ts';

const lines = (preset: string, ...overrides: string[]) =>
  paperDeviations([parseStudy(`preset: ${preset}\ndata: [{ images: i, rdms: r.npy }]`, 'study', overrides)]);
const ALL = 'gaziv2019-evc';
const MASK = 'gaziv2019-it';

it('what the presets do otherwise than the paper is told, each where it is done', () => {
  expect(lines(ALL)).toEqual([
    expect.stringMatching(/^learning rate of the network's weights 0\.00001; the paper names 0\.01/),
    expect.stringMatching(/^with all weights, cliques of images/),
    expect.stringMatching(/^a tenth of the images held out/),
    expect.stringMatching(/^the epoch with the lowest loss on what is held out is kept/),
  ]);
  expect(lines(MASK)).toEqual([
    expect.stringMatching(/^with the mask alone, one random crop an image an epoch/),
    expect.stringMatching(/^a tenth of the images/),
    expect.stringMatching(/^the epoch with the lowest loss/),
  ]);
});

it.each([
  [ALL, 'training.learningRate=0.01', /learning rate/],
  [ALL, 'training.sampler=pairs', /cliques/],
  [ALL, 'encoder.train=mask', /learning rate|cliques/],
  [ALL, 'training.holdout=null', /held out/],
  [MASK, 'training.crop=none', /crop/],
  [MASK, 'encoder.train=all', /crop/],
])('%s with %s is not said to do what it does not', (preset, override, said) => {
  expect(lines(preset)).not.toEqual([]);
  expect(lines(preset, override).join('\n')).not.toMatch(said);
});

it('says the values that are used, and each line once', () => {
  expect(lines(ALL, 'training.learningRate.backbone=0.0005')[0]).toMatch(/weights 0\.0005; /);
  expect(lines(ALL, 'training.holdout.fraction=0.2').join('\n')).toMatch(/^a part of 0\.2 of the images/m);
  const study = parseStudy(`preset: ${ALL}\ndata: [{ images: i, rdms: r.npy }]`, 'study');
  expect(paperDeviations([study, study])).toEqual(lines(ALL));
});
