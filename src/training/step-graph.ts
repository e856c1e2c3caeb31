import type { StageShape } from '../backbones/backbone.ts';
import { countMaskValues } from '../encoder/channel-weights.ts';
import type { MaskResolution, Readout } from '../encoder/encoder.ts';
