import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, HypercolumnError, UsageError } from '../../src/core/errors.ts';
import { checkStudy, parseStudy, studyJsonSchema } from '../../src/study/settings/study-file.ts';

const SMALLEST = 'backbone: { architecture: gabor }\ndata: [{ images: a, rdms: b.mat }]\n';

describe('a study file', () => {
  it('needs an architecture and a data set; all else has defaults', () => {
    const study = parseStudy(SMALLEST, 'study.yaml');
    expect(study.backbone).toEqual({ architecture: 'gabor', preprocess: 'crop', seed: 0 });
    expect(study.encoder).toEqual({ mask: 'split', train: 'mask', scale: 'channel', readout: 'affine' });
    expect(study.training).toMatchObject({ batch: 40, loss: 'l1', reliability: { alpha: 0.25, beta: 1 }, seed: 0 });
    expect(study.training.holdout).toBeUndefined();
  });

  it('may be JSON', () => {
    const json = JSON.stringify({ backbone: { architecture: 'gabor' }, data: [{ images: 'a', rdms: 'b.mat' }] });
    expect(parseStudy(json, 'study.json')).toEqual(parseStudy(SMALLEST, 'study.yaml'));
  });

  it('takes one learning rate for all, or each apart with the others at their defaults', () => {
    const rates = (set: string) => parseStudy(SMALLEST, 'study.yaml', [set]).training.learningRate;
    expect(rates('training.learningRate=0.02')).toEqual({ mask: 0.02, readout: 0.02, backbone: 0.02 });
    expect(rates('training.learningRate.mask=0.02')).toEqual({
      ...parseStudy(SMALLEST, '').training.learningRate,
      mask: 0.02,
    });
  });

  it('is changed by --set before it is checked, so that a change can mend it', () => {
    const text = `${SMALLEST}training: { epochs: none }\n`;
    expect(() => parseStudy(text, 'study.yaml')).toThrow(UsageError);
    expect(parseStudy(text, 'study.yaml', ['training.epochs=8']).training.epochs).toBe(8);
    expect(parseStudy(SMALLEST, 'study.yaml', ['data.0.variable=EVC_RDMs']).data[0].variable).toBe('EVC_RDMs');
  });

  it.each([
    ['training.epochs=0', 'study.yaml: training.epochs: expected a number above 0, got 0'],
    ['training.epochs=1.5', 'study.yaml: training.epochs: expected a whole number, got 1.5'],
    ['encoder.train=both', 'study.yaml: encoder.train: expected mask or all, got "both"'],
    ['training.cliqueSize=1', 'study.yaml: training.cliqueSize: expected a number of at least 2, got 1'],
    ['training.clip=0', 'study.yaml: training.clip: expected a number above 0, got 0'],
    [
      'training.schedule=linear',
      'study.yaml: training.schedule: expected constant or cosine or an object, got "linear"',
    ],
    ['training.time.centre=2', 'study.yaml: training.time.centre: expected a number of at most 1, got 2'],
    ['training.holdout.fraction=2', 'study.yaml: training.holdout.fraction: expected a number below 1, got 2'],
    ['training.reliability=yes', 'study.yaml: training.reliability: expected none or an object, got "yes"'],
    [
      'training.epoch=3',
      'study.yaml: training: there is no setting epoch (the closest is epochs); there is: epochs, maskEpochs, batch, sampler, cliqueSize, accumulate, crop, time, learningRate, schedule, optimiser, weightDecay, clip, loss, reliability, imagesPerPass, holdout, patience, seed, seeds',
    ],
    [
      'backbones=1',
      'study.yaml: there is no setting backbones (the closest is backbone); there is: backbone, encoder, data, test, training, scoring, preset',
    ],
    [
      'data.0.rows=order.csv',
      'study.yaml: data.0: there is no setting rows (the closest is rdms); there is: images, rdms, variable, order, name, labels',
    ],
    [
      'training.learningRate={ masks: 1, speed: 1 }',
      'study.yaml: training.learningRate: there is no setting masks (the closest is mask), speed; there is: mask, readout, backbone',
    ],
    [
      'backbone.input={ order: rgb, scale: 1, mean: [0, 0, 0], std: [1, 1, 1], range: 1 }',
      'study.yaml: backbone.input: there is no setting range; there is: order, scale, mean, std',
    ],
    ['data=[]', 'study.yaml: data: expected at least 1 of them, got []'],
    ['backbone=', 'study.yaml: backbone: expected an object, got nothing; add it'],
  ])('says of --set %s where the mistake is, what was expected and what came', (set, message) => {
    expect(() => parseStudy(SMALLEST, 'study.yaml', [set])).toThrow(new UsageError(message));
  });

  it('is without a setting that is null, in the file, by --set and in a list', () => {
    const held = `${SMALLEST}\ntraining: { holdout: { by: pair }, time: { width: } }`;
    expect(parseStudy(held, 'study.yaml').training.time).toEqual({ centre: 0.5, width: 0.25 });
    const { data, training } = parseStudy(held, 'study.yaml', [
      'training.holdout=null',
      'training.epochs=null',
      'data.0.order=null',
    ]);
    expect(training).not.toHaveProperty('holdout');
    expect(training.epochs).toBe(15);
    expect(data[0]).not.toHaveProperty('order');
  });

  it('has defaults that follow what is trained and by which optimiser, and writes them out', () => {
    const training = (...sets: string[]) =>
      parseStudy(SMALLEST.replace('gabor', 'resnet50'), 'study.yaml', sets).training;
    expect(training()).toMatchObject({ sampler: 'pairs', optimiser: 'adam', weightDecay: 0, maskEpochs: 15 });
    expect(training('encoder.train=all')).toMatchObject({ sampler: 'cliques', cliqueSize: 12, accumulate: 1 });
    expect(training('encoder.train=all', 'training.sampler=pairs').sampler).toBe('pairs');
    expect(training('training.optimiser=adamw').weightDecay).toBe(0.01);
    expect(training('training.optimiser=adamw', 'training.weightDecay=0').weightDecay).toBe(0);
  });

  it('takes the short forms of schedule and time, and the other parts of their long ones from the defaults', () => {
    const training = (set: string) => parseStudy(SMALLEST, 'study.yaml', [set]).training;
    expect(training('training.schedule=cosine').schedule).toEqual({ kind: 'cosine', warmup: 0 });
    expect(training('training.schedule.warmup=0.5').schedule).toEqual({ kind: 'constant', warmup: 0.5 });
    expect(training('training.seed=0').time).toBe('mean');
    expect(training('training.time.width=0.1').time).toEqual({ centre: 0.5, width: 0.1 });
  });

  it.each([
    [
      ['encoder.trainFrom=layer4'],
      'encoder.trainFrom: expected encoder.train: all beside it, got mask, which changes no weights; leave it out or train all',
    ],
    [['encoder.train=all'], 'encoder.train: expected mask with gabor, got all; that network has no weights to train'],
    [
      ['backbone.architecture=features:f.npz', 'encoder.train=all'],
      'encoder.train: expected mask with features:f.npz, got all; features that are computed already have no weights to train, name the network',
    ],
    [
      ['backbone.architecture=features:f.npz', 'training.crop=random'],
      'training.crop: expected none with features:f.npz, got random; features that are computed already cannot be of other crops, name the network',
    ],
    [
      ['training.weightDecay=0.1'],
      'training.weightDecay: expected training.optimiser: adamw beside it, got adam, which has no decay; name adamw or leave it out',
    ],
    [
      ['training.patience=3'],
      'training.patience: expected a training.holdout beside it, got none; without one no epoch is better than another',
    ],
    [
      ['training.schedule.warmup=20'],
      'training.schedule.warmup: expected at most the 15 of training.epochs, got 20; the rates would never be reached',
    ],
    [
      ['training.seed=4294967295', 'training.seeds=2'],
      'training.seeds: expected seeds up to 4294967295, got 2 from 4294967295; take a smaller seed',
    ],
  ])('refuses settings that cannot stand beside each other: %j', (sets, message) => {
    expect(() => parseStudy(SMALLEST, 'study.yaml', sets)).toThrow(new UsageError(`study.yaml: ${message}`));
  });

  it('with a mistyped key is told that key, not the one that is missing for it', () => {
    const text = SMALLEST.replace('backbone:', 'bakbone:');
    expect(() => parseStudy(text, 'study.yaml')).toThrow(
      new UsageError(
        'study.yaml: there is no setting bakbone (the closest is backbone); there is: backbone, encoder, data, test, training, scoring, preset',
      ),
    );
  });

  it('that is a file of RDMs is a FormatError that says so', () => {
    const mat = new TextDecoder().decode(readFileSync('test/golden/mat/texts.plain.v5.mat'));
    expect(() => parseStudy(mat, 'rdms.mat')).toThrow(
      new FormatError(
        'rdms.mat',
        'expected a study in YAML or JSON, got a MATLAB file; RDMs are named in a study, under data',
      ),
    );
    expect(() => parseStudy('PK\u0003\u0004\0', 'rdms.npz')).toThrow(/got a binary file or text that is not UTF-8; /);
  });

  it('that is no YAML or no mapping is a FormatError', () => {
    expect(() => parseStudy('[1', 'study.yaml')).toThrow(FormatError);
    expect(() => parseStudy('hello', 'study.yaml')).toThrow(FormatError);
    expect(() => parseStudy('', 'study.yaml')).toThrow(FormatError);
    expect(() => parseStudy('data: &d [{ images: *d }]', 'study.yaml')).toThrow(FormatError);
  });

  it('cannot reach into prototypes through --set', () => {
    expect(() => parseStudy(SMALLEST, 'study.yaml', ['__proto__.polluted=1'])).toThrow(UsageError);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('of any text and any change ends in a study or one of our errors', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(SMALLEST)), fc.array(fc.string()), (text, sets) => {
        try {
          parseStudy(text, 'study.yaml', sets);
        } catch (error) {
          expect(error).toBeInstanceOf(HypercolumnError);
        }
      }),
    );
  });

  it('with its settings filled in reads back as the same study', () => {
    const study = parseStudy(SMALLEST, 'study.yaml', [
      'training.learningRate=0.02',
      'training.holdout.by=pair',
      'training.schedule=cosine',
      'training.optimiser=adamw',
      'training.time.width=0.1',
    ]);
    expect(checkStudy(JSON.parse(JSON.stringify(study)))).toEqual(study);
  });

  it('has a JSON Schema for editors in docs, which is that of the code', () => {
    const committed: unknown = JSON.parse(readFileSync('docs/study.schema.json', 'utf8'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(studyJsonSchema())));
  });
});
