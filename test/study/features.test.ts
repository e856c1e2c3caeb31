import { expect, it } from 'vitest';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { UsageError } from '../../src/core/errors.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import { FEATURE_ORIGINS } from '../../src/study/settings/choices.ts';
import { testStudies } from './environment.ts';

it('features come from any network there is, an ONNX model or a file, and a mistyped one is told all of these', async () => {
  expect(FEATURE_ORIGINS).toEqual([...Object.keys(NETWORKS), 'onnx:FILE', 'features:FILE']);
  const { environment } = await testStudies();
  for (const architecture of ['resnet', 'toString', 'feature:f.npz']) {
    const opening = openFeatureOrigin({ architecture, preprocess: 'crop', seed: 0 }, environment);
    await expect(opening).rejects.toThrow(
      new UsageError(
        `backbone: expected se_resnext50_32x4d, resnet50, gabor, onnx:FILE, features:FILE, got "${architecture}"`,
      ),
    );
  }
});
