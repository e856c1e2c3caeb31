import { describe, expect, it } from 'vitest';
import { PRESET_NAMES, type PresetName } from '../../src/study/settings/presets.ts';
import { parseStudy } from '../../src/study/settings/study-file.ts';

const DATA = 'data: [{ images: i, rdms: r.npy }]';
const study = (preset: string, more = '', overrides: readonly string[] = []) =>
  parseStudy(`preset: ${preset}\n${DATA}\n${more}`, 'study.yaml', overrides);

describe('a preset', () => {
  it.each(PRESET_NAMES)('%s is a study as soon as there are data', (name) => {
    const { backbone, encoder } = study(name);
    expect(backbone).toMatchObject({ architecture: 'se_resnext50_32x4d', stages: 5 });
    expect(encoder).toMatchObject({ mask: 'channel', scale: 'none', readout: 'identity' });
    expect(study(name)).not.toHaveProperty('preset');
  });

  // The paper's Table 1.
  it.each<[PresetName, string, number, object | string, object | string]>([
    ['gaziv2019-evc', 'all', 15, { alpha: 0.25, beta: 1 }, { centre: 0.5 }],
    ['gaziv2019-it', 'mask', 15, 'none', 'mean'],
    ['gaziv2019-meg-early', 'all', 40, { alpha: 0.25, beta: 1 }, { centre: 0.5 }],
    ['gaziv2019-meg-late', 'all', 40, { alpha: 0.25, beta: 1 }, { centre: 0.5 }],
  ])('%s trains %s for %i epochs, as Table 1 says', (name, train, epochs, reliability, time) => {
    const { encoder, training } = study(name);
    expect(encoder.train).toBe(train);
    expect(training).toMatchObject({ epochs, reliability, time, crop: 'random', loss: 'l1', optimiser: 'adam' });
    expect(training.learningRate.mask).toBe(0.01);
  });

  it("lies beneath the study's own settings, setting by setting, and these beneath --set", () => {
    const own = 'backbone: { architecture: resnet50 }\ntraining: { epochs: 2, learningRate: { mask: 0.5 } }';
    const { backbone, training } = study('gaziv2019-evc', own, ['training.epochs=3', 'training.cliqueSize=5']);
    expect(backbone).toMatchObject({ architecture: 'resnet50', stages: 5 });
    expect(training).toMatchObject({ epochs: 3, cliqueSize: 5, maskEpochs: 0, sampler: 'cliques' });
    expect(training.learningRate).toEqual({ mask: 0.5, readout: 0.01, backbone: 0.00001 });
  });

  it('can be named by --set, and null takes one of its settings away', () => {
    const parsed = parseStudy(DATA, 'study.yaml', ['preset=gaziv2019-it', 'training.holdout=null']);
    expect(parsed.training.holdout).toBeUndefined();
    expect(study('gaziv2019-it').training.holdout).toEqual({ by: 'image', fraction: 0.1 });
  });

  it.each(['gaziv2020', '3', '[]', '__proto__'])('called %s is a mistake that lists those there are', (name) => {
    expect(() => study(name)).toThrow(
      /^study.yaml: preset: expected gaziv2019-evc, gaziv2019-it, gaziv2019-meg-early, gaziv2019-meg-late, got /,
    );
  });
});
