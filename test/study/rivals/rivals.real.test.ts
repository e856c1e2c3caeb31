import { expect, it } from 'vitest';
import { openRivals } from '../../../bench/rivals-on-sets.ts';
import { nodeEnvironment } from '../../../src/node.ts';

const transfer = await openRivals(await nodeEnvironment());

it('rivals of a fit of ResNet-50 reach on the 118 images, learnt from 92, what other programs measured there', async () => {
  const rho = await transfer('EVC', '92');
  const stages = ['layer0', 'layer1', 'layer2', 'layer3', 'layer4'].map((stage) => `${stage} alone`);
  expect([...rho.keys()]).toEqual(['pixels', 'gabor', ...stages, 'unweighted', 'untrained', 'nnls', 'ridge']);
  expect(rho.get('unweighted')).toBeCloseTo(-0.035, 3);
  expect(rho.get('layer4 alone')).toBeCloseTo(0.045, 3);
  // numpy, its own folds: .143
  expect(rho.get('ridge')).toBeGreaterThan(0.135);
  expect(rho.get('ridge')).toBeLessThan(0.152);
});

it('ridge over channels goes as far on MEG early as numpy does', async () => {
  const rho = await transfer('MEG early', '92');
  expect(rho.get('ridge')).toBeCloseTo(0.404, 2);
});
