import { residualNetwork } from './residual.ts';

/**
 * ResNet-50, version 1.5.
 * @source torchvision.models.resnet50: the stride is in the 3 x 3, the pool is padded by 1
 */
export const resnet50 = residualNetwork({
  name: 'resnet50',
  blocks: [3, 4, 6, 3],
  groups: 1,
  width: 64,
  pool: { pad: 1, ceil: false },
});
