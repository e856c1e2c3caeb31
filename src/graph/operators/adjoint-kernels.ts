import { sizeOf } from '../../core/shape.ts';
import type { Operator } from '../operator.ts';
import { axesOf } from './spatial.ts';

/**
 * Kernels k x (c / groups) x kh x kw turned by 180 degrees, with input and output channels exchanged within each group: c x (k / groups) x kh x kw.
 * Convolved with them, a convolution's derivative becomes that of its maps.
 */
export const adjointKernels: Operator<{ readonly groups?: number }> = {
  shape([kernels], { groups = 1 }) {
    const [nKernels, perGroup, height, width] = axesOf('adjointKernels', kernels);
    return [perGroup * groups, nKernels / groups, height, width];
  },

  evaluate([kernels], attributes) {
    const shape = adjointKernels.shape([kernels.shape], attributes);
    const [channels, kernelsPerGroup, height, width] = shape;
    const perGroup = kernels.shape[1];
    const positions = height * width;
    const data = new Float64Array(sizeOf(shape));
    for (let c = 0, at = 0; c < channels; c++) {
      for (let k = 0; k < kernelsPerGroup; k++) {
        const kernel = Math.floor(c / perGroup) * kernelsPerGroup + k;
        const start = (kernel * perGroup + (c % perGroup)) * positions;
        for (let p = positions - 1; p >= 0; p--) data[at++] = kernels.data[start + p];
      }
    }
    return { shape, data };
  },

  emit(emitter, [kernels], output, attributes, [from]) {
    const { groups = 1 } = attributes;
    const [nKernels, perGroup, height, width] = axesOf('adjointKernels', from);
    const split = emitter.integers([groups, nKernels / groups, perGroup, height * width]);
    emitter.node('Reshape', [kernels, split], `${output}/groups`);
    emitter.node('Transpose', [`${output}/groups`], `${output}/exchanged`, { perm: [0, 2, 1, 3] });
    const shape = emitter.integers(adjointKernels.shape([from], attributes));
    if (height * width === 1) {
      emitter.node('Reshape', [`${output}/exchanged`, shape], output);
      return;
    }
    const [last, beforeFirst, axis, back] = [height * width - 1, -height * width - 1, 3, -1].map((value) =>
      emitter.integers([value]),
    );
    emitter.node('Slice', [`${output}/exchanged`, last, beforeFirst, axis, back], `${output}/turned`);
    emitter.node('Reshape', [`${output}/turned`, shape], output);
  },

  gradient: (graph, { attributes, gradient }) => [() => graph.apply('adjointKernels', [gradient], attributes)],

  example(random) {
    const groups = random.integer(1, 3);
    const kernels = [groups * random.integer(1, 3), random.integer(1, 3), random.integer(1, 3), random.integer(1, 3)];
    return { inputs: [kernels], attributes: { groups } };
  },
};
