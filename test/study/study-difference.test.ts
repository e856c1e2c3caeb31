import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../src/study/settings/study-difference.ts';
import { checkStudy } from '../../src/study/settings/study-file.ts';

const study = (training: object = {}, backbone: object = { architecture: 'gabor' }, images = 'a') =>
  checkStudy({ backbone, data: [{ images, rdms: 'b.mat' }], training });

describe('the first difference between two studies', () => {
  it('is none where all settings are the same, wherever their files lie', () => {
    expect(firstDifference(study(), study({ epochs: 15 }, { architecture: 'gabor' }, '/moved/a'))).toBeUndefined();
    const file = (path: string) => study({}, { architecture: `onnx:${path}` });
    expect(firstDifference(file('m.onnx'), file('/moved/m.onnx'))).toBeUndefined();
  });

  it('is none where the same settings are said in another order', () => {
    const reordered = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, each]) => [key, reordered(each)]),
          )
        : value;
    const other = reordered(study()) as ReturnType<typeof study>;
    expect(Object.keys(other)[0]).not.toBe(Object.keys(study())[0]);
    expect(firstDifference(study(), other)).toBeUndefined();
  });

  it.each([
    [study({ epochs: 3 }), { setting: 'training.epochs', before: '15', now: '3' }],
    [study({ learningRate: { mask: 0.1 } }), { setting: 'training.learningRate.mask', before: '0.003', now: '0.1' }],
    [
      study({ holdout: { by: 'pair' } }),
      { setting: 'training.holdout', before: 'nothing', now: '{"by":"pair","fraction":0.1}' },
    ],
    [
      study({}, { architecture: 'onnx:m.onnx' }),
      { setting: 'backbone.architecture', before: '"gabor"', now: '"onnx:m.onnx"' },
    ],
  ])('is named as --set takes it, with both values', (other, difference) => {
    expect(firstDifference(study(), other)).toEqual(difference);
  });
});
