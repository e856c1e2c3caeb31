import { residualNetwork } from './residual.ts';

/**
 * SE-ResNeXt-50 (32x4d), the network of the paper.
 * @source Cadene's pretrained-models.pytorch, `se_resnext50_32x4d`: the stride is in the 3 x 3, the pool is not padded and rounds up
 */
export const seResnext50 = residualNetwork({
  name: 'se_resnext50_32x4d',
  blocks: [3, 4, 6, 3],
  groups: 32,
  width: 128,
  squeeze: 16,
  pool: { pad: 0, ceil: true },
});
