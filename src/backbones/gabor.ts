import type { Graph, Tensor } from '../graph/graph.ts';
import type { Network, Stage } from './network.ts';

const N_ORIENTATIONS = 8;
const N_BORDER_ORIENTATIONS = 4;

/** The first-order stages: an octave and a half apart, tapped so densely that little is lost between positions. Pixels. */
const SCALES = [
  { wavelength: 4, stride: 2 },
  { wavelength: 12, stride: 4 },
  { wavelength: 32, stride: 8 },
] as const;

/** The second-order stage filters the positions of `layer0`, which are 2 pixels apart: a wavelength of 32 pixels, every 16. */
const BORDERS = { wavelength: 16, stride: 8 } as const;

/** Pixels a side of the windows that the last stage looks at. */
const WINDOW = 64;

/**
 * What is filtered: luminance (R + G + B) / 3, red against green (R - G) / 2, and blue against yellow B / 2 - (R + G) / 4. With R, G and B
 * from -1 to 1 each is from -1 to 1.
 */
const PLANES = [
  [1 / 3, 1 / 3, 1 / 3],
  [1 / 2, -1 / 2, 0],
  [-1 / 4, -1 / 4, 1 / 2],
] as const;

/**
 * Under the root of every energy. It makes the energy of a blank patch the same 0.001 everywhere, where rounding errors of the filters
 * would pass for features.
 */
const FLOOR = 1e-6;

/** sigma / wavelength of a filter with a bandwidth of 1.5 octaves between its half amplitudes: 0.3924. */
const SIGMA = (Math.sqrt(Math.LN2 / 2) / Math.PI) * ((2 ** 1.5 + 1) / (2 ** 1.5 - 1));

const N_MAPS = PLANES.length * N_ORIENTATIONS;

const STAGES = [
  { name: 'layer0', channels: N_MAPS, stride: 2 },
  { name: 'layer1', channels: N_MAPS, stride: 4 },
  { name: 'layer2', channels: N_MAPS, stride: 8 },
  { name: 'layer3', channels: N_MAPS * N_BORDER_ORIENTATIONS, stride: 16 },
  { name: 'layer4', channels: N_MAPS * SCALES.length, stride: WINDOW },
] as const satisfies readonly Stage[];

/**
 * A model of early vision that needs no weights: a bank of quadrature Gabor energies over luminance and two colour-opponent planes.
 *
 * Energy of a map at wavelength w and orientation t: sqrt(even^2 + odd^2 + 1e-6), even and odd the correlations with
 * G(x, y) (cos(2 pi u / w) - c) and G(x, y) sin(2 pi u / w), u = x cos t + y sin t, zeros beyond the edge. G is a Gaussian with
 * sigma = 0.3924 w (a bandwidth of 1.5 octaves), cut off at |x|, |y| <= ceil(2.5 sigma) and scaled to a sum of 2, so that a grating of the
 * filter's wavelength and amplitude 1 has an energy of about 1; c takes the even filter's mean away.
 *
 * - `layer0`, `layer1`, `layer2`: energies of the three planes at 4, 12 and 32 pixels and 8 orientations (k pi / 8), every 2, 4, 8 pixels.
 *   Channel = 8 plane + orientation; planes are luminance, red-green, blue-yellow.
 * - `layer3`: borders between textures: energies of each map of `layer0` at 16 positions (32 pixels) and 4 orientations, every 8 positions.
 *   Channel = 4 (channel of layer0) + orientation.
 * - `layer4`: texture, whatever the contrast, the colours and the place within a large region: the channels of `layer0`, `layer1`, `layer2`
 *   averaged over windows of 64 x 64 pixels, each as its share of the 8 orientations of its plane and scale, less the 1/8 of a patch that
 *   favours none. Channel = 24 (wavelength's number) + 8 plane + orientation.
 *
 * Pixels run from -1 to 1, so that beyond the edge lies mid-gray. Height and width should be multiples of 64.
 * @source Adelson & Bergen 1985, J. Opt. Soc. Am. A 2:284 (energy); Daugman 1985, ibid. 2:1160 (filters); Chubb & Sperling 1988, ibid.
 *   5:1986 (filter, rectify, filter); Heeger 1992, Vis. Neurosci. 9:181 (division by the sum)
 */
export const gabor: Network = {
  name: 'gabor',
  stages: STAGES,
  stageSets: { 5: STAGES.map((stage) => stage.name) },
  defaultStages: 5,
  input: {
    height: 128,
    width: 128,
    normalisation: { order: 'rgb', scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  },
  weights: 'none',
  build(graph, pixels) {
    const opponent = graph.constant('opponent', [PLANES.length, 3, 1, 1], Float64Array.from(PLANES.flat()));
    const planes = graph.apply('conv', [pixels, opponent]);
    const firstOrder = SCALES.map((scale) => energies(graph, planes, { ...scale, nOrientations: N_ORIENTATIONS }));
    const [layer0, layer1, layer2] = firstOrder;
    const layer3 = energies(graph, layer0, { ...BORDERS, nOrientations: N_BORDER_ORIENTATIONS });
    const windows = firstOrder.map((maps, k) => averages(graph, maps, WINDOW / SCALES[k].stride));
    const together = graph.apply('concat', windows, { axis: 1 });
    return { layer0, layer1, layer2, layer3, layer4: orientationShares(graph, together) };
  },
};

interface Bank {
  readonly wavelength: number;
  readonly nOrientations: number;
  readonly stride: number;
}

/** Energies of every map at every orientation, orientations of a map side by side. */
function energies(graph: Graph, maps: Tensor, { wavelength, nOrientations, stride }: Bank): Tensor {
  const groups = maps.shape[1];
  const filters = Array.from({ length: nOrientations }, (_, k) =>
    quadraturePair(wavelength, (Math.PI * k) / nOrientations),
  );
  const side = Math.sqrt(filters[0].even.length);
  const squares = (['even', 'odd'] as const).map((phase) => {
    const ofOneMap = filters.flatMap((filter) => [...filter[phase]]);
    const kernels = Float64Array.from({ length: groups * ofOneMap.length }, (_, k) => ofOneMap[k % ofOneMap.length]);
    const constant = graph.constant(`${phase}${wavelength}`, [groups * nOrientations, 1, side, side], kernels);
    const response = graph.apply('conv', [maps, constant], { stride, pad: (side - 1) / 2, groups });
    return graph.apply('square', [response]);
  });
  const floor = graph.constant('floor', [1], Float64Array.of(FLOOR));
  return graph.apply('sqrt', [graph.apply('add', [graph.apply('add', squares), floor])]);
}

/** Means over windows that lie side by side, `side` positions wide and high. */
function averages(graph: Graph, maps: Tensor, side: number): Tensor {
  const groups = maps.shape[1];
  const kernels = new Float64Array(groups * side * side).fill(1 / (side * side));
  const window = graph.constant('window', [groups, 1, side, side], kernels);
  return graph.apply('conv', [maps, window], { stride: side, groups });
}

/** Each orientation's share of those of its map, less what an even share would be. */
function orientationShares(graph: Graph, maps: Tensor): Tensor {
  const channels = maps.shape[1];
  const ones = graph.constant(
    'ones',
    [channels, N_ORIENTATIONS, 1, 1],
    new Float64Array(channels * N_ORIENTATIONS).fill(1),
  );
  const sums = graph.apply('conv', [maps, ones], { groups: channels / N_ORIENTATIONS });
  const even = graph.constant('even share', [1], Float64Array.of(1 / N_ORIENTATIONS));
  return graph.apply('subtract', [graph.apply('divide', [maps, sums]), even]);
}

/** An even and an odd Gabor filter, square and row-major. */
function quadraturePair(wavelength: number, orientation: number): { even: Float64Array; odd: Float64Array } {
  const sigma = SIGMA * wavelength;
  const radius = Math.ceil(2.5 * sigma);
  const side = 2 * radius + 1;
  const envelope = new Float64Array(side * side);
  const phase = new Float64Array(side * side);
  for (let y = -radius, at = 0; y <= radius; y++) {
    for (let x = -radius; x <= radius; x++, at++) {
      envelope[at] = Math.exp(-(x * x + y * y) / (2 * sigma * sigma));
      phase[at] = (2 * Math.PI * (x * Math.cos(orientation) + y * Math.sin(orientation))) / wavelength;
    }
  }
  const sum = envelope.reduce((total, value) => total + value, 0);
  const mean = envelope.reduce((total, value, k) => total + value * Math.cos(phase[k]), 0) / sum;
  return {
    even: envelope.map((value, k) => (2 / sum) * value * (Math.cos(phase[k]) - mean)),
    odd: envelope.map((value, k) => (2 / sum) * value * Math.sin(phase[k])),
  };
}
