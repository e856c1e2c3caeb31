import { describe, expect, it } from 'vitest';
import { resolvePaths } from '../../src/study/settings/paths.ts';
import { checkStudy } from '../../src/study/settings/study-file.ts';

const resolve = (path: string) => `/project/${path}`;
const resolved = (backbone: object, entry: object = {}) =>
  resolvePaths(checkStudy({ backbone, data: [{ images: 'images', rdms: 'rdms.mat', ...entry }] }), resolve);

describe('resolvePaths', () => {
  it('makes images, RDMs and order files absolute, and leaves out what was left out', () => {
    expect(resolved({ architecture: 'gabor' }, { order: 'order.csv', variable: 'EVC' }).data).toEqual([
      { images: '/project/images', rdms: '/project/rdms.mat', order: '/project/order.csv', variable: 'EVC' },
    ]);
    expect(resolved({ architecture: 'gabor' }).data[0]).not.toHaveProperty('order');
  });

  it.each([
    ['gabor', 'gabor'],
    ['onnx:models/net.onnx', 'onnx:/project/models/net.onnx'],
    ['features:features.npz', 'features:/project/features.npz'],
  ])('knows a file from a network: %s becomes %s', (architecture, expected) => {
    expect(resolved({ architecture }).backbone.architecture).toBe(expected);
  });

  it('resolves a file of weights, but not the word untrained', () => {
    expect(resolved({ architecture: 'resnet50', weights: 'w.pth' }).backbone.weights).toBe('/project/w.pth');
    expect(resolved({ architecture: 'resnet50', weights: 'untrained' }).backbone.weights).toBe('untrained');
    expect(resolved({ architecture: 'resnet50' }).backbone).not.toHaveProperty('weights');
  });

  it('changes no other setting', () => {
    const { encoder, training } = resolved({ architecture: 'gabor' });
    const plain = checkStudy({ backbone: { architecture: 'gabor' }, data: [{ images: 'a', rdms: 'b' }] });
    expect({ encoder, training }).toEqual({ encoder: plain.encoder, training: plain.training });
  });
});
