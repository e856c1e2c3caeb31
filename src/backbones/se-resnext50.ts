import type { Network } from './network.ts';
import { residualNetwork } from './residual.ts';

/**
 * SE-ResNeXt-50 (32x4d), the network of the paper.
 * @source Cadene's pretrained-models.pytorch, `se_resnext50_32x4d`: the stride is in the 3 x 3, the pool is not padded and rounds up
 */
export const seResnext50: Network = {
  ...residualNetwork({
    name: 'se_resnext50_32x4d',
    blocks: [3, 4, 6, 3],
    groups: 32,
    width: 128,
    squeeze: 16,
    pool: { pad: 0, ceil: true },
  }),
  caveat: {
    array: 'conv1.weight',
    notice:
      "named as timm's seresnext50_32x4d, which pads its first pool by 1; this network (Cadene's, timm's legacy_seresnext50_32x4d) does not, so features differ slightly from timm's",
  },
};
