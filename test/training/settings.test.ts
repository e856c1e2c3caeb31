import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import type { TrainingOptions } from '../../src/training/options.ts';
import { trainingSettings } from '../../src/training/settings.ts';

describe('trainingSettings', () => {
  it('draws pairs where the mask trains, cliques where all does, and what is said where something is', () => {
    expect(trainingSettings().sampler).toBe('pairs');
    expect(trainingSettings({ train: 'all' }).sampler).toBe('cliques');
    expect(trainingSettings({ train: 'all', sampler: 'pairs' }).sampler).toBe('pairs');
  });

  it('sets all learning rates by one number, and what is left out of them by its default', () => {
    expect(trainingSettings({ learningRate: 0.1 }).learningRate).toEqual({ mask: 0.1, readout: 0.1, backbone: 0.1 });
    expect(trainingSettings({ learningRate: { mask: 1 } }).learningRate).toEqual({
      mask: 1,
      readout: 0.01,
      backbone: 1e-5,
    });
  });

  it('fills in schedules, windows of time and the decay of the optimiser', () => {
    expect(trainingSettings({ schedule: 'cosine' }).schedule).toEqual({ kind: 'cosine', warmup: 0 });
    expect(trainingSettings({ schedule: { warmup: 0.5 } }).schedule).toEqual({ kind: 'constant', warmup: 0.5 });
    expect(trainingSettings({ time: { width: 0.1 } }).time).toEqual({ centre: 0.5, width: 0.1 });
    expect(trainingSettings({ time: 'mean' }).time).toBe('mean');
    expect(trainingSettings().weightDecay).toBe(0);
    expect(trainingSettings({ optimiser: 'adamw' }).weightDecay).toBe(0.01);
  });

  it.each([
    [{ train: 'some' as 'all' }, 'encoder.train: expected one of mask, all, got some'],
    [{ trainFrom: 'layer3' }, 'encoder.trainFrom: expected encoder.train: all beside it, got mask'],
    [{ sampler: 'quads' as 'pairs' }, 'training.sampler: expected one of pairs, cliques, got quads'],
    [{ cliqueSize: 1 }, 'training.cliqueSize: expected a whole number of at least 2, got 1'],
    [{ accumulate: 0 }, 'training.accumulate: expected a whole number of at least 1, got 0'],
    [{ maskEpochs: -1 }, 'training.maskEpochs: expected a whole number of at least 0, got -1'],
    [{ imagesPerPass: 0.5 }, 'training.imagesPerPass: expected a whole number of at least 1, got 0.5'],
    [{ crop: 'all' as 'none' }, 'training.crop: expected one of none, random, got all'],
    [{ optimiser: 'sgd' as 'adam' }, 'training.optimiser: expected one of adam, adamw, got sgd'],
    [{ weightDecay: 0.1 }, 'training.weightDecay: expected training.optimiser: adamw beside it, got adam'],
    [{ optimiser: 'adamw', weightDecay: -1 }, 'training.weightDecay: expected a number of at least 0, got -1'],
    [{ schedule: 'step' as 'cosine' }, 'training.schedule.kind: expected one of constant, cosine, got step'],
    [{ schedule: { warmup: -1 } }, 'training.schedule.warmup: expected a number of at least 0, got -1'],
    [{ clip: 0 }, 'training.clip: expected a number above 0, got 0'],
    [{ learningRate: { backbone: -1 } }, 'training.learningRate.backbone: expected a number of at least 0, got -1'],
    [{ patience: 3 }, 'training.patience: expected a training.holdout beside it, got none'],
    [
      { patience: 0, holdout: { by: 'image', fraction: 0.1 } },
      'training.patience: expected a whole number of at least 1',
    ],
    [{ time: { width: 0 } }, 'training.time.width: expected a number above 0, got 0'],
    [{ time: { centre: 1.5 } }, 'training.time.centre: expected a fraction of the window from 0 to 1, got 1.5'],
  ] as [TrainingOptions, string][])('refuses %j', (options, message) => {
    expect(() => trainingSettings(options)).toThrow(UsageError);
    expect(() => trainingSettings(options)).toThrow(message);
  });
});
