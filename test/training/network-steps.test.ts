import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tappedGraph } from '../../src/backbones/network-backbone.ts';
import { parametersOf } from '../../src/backbones/parameters.ts';
import { NETWORKS } from '../../src/backbones/registry.ts';
import { countMaskValues } from '../../src/encoder/channel-weights.ts';
import { nodeEngine } from '../../src/engine/node.ts';
import type { LossName } from '../../src/training/losses.ts';
import { float32AdamStep, float32Group } from '../../src/training/network/float32-adam.ts';
import { tensorsIn } from '../../src/training/network/named-arrays.ts';
import { flatWeights } from '../../src/training/network/network-parameters.ts';
import { loadStep } from '../../src/training/network/network-sessions.ts';
import { GRADIENT, STEP } from '../../src/training/network/step-graph.ts';
import { between } from '../golden/seeded.ts';
import { seededWeights } from '../golden/seeded-weights.ts';

interface Golden {
  readonly network: string;
  readonly loss: LossName;
  /** Before the first step, after it, and so on. */
  readonly losses: readonly number[];
  /** For each array its norm and its products with seeded vectors. */
  readonly gradients: Readonly<Record<string, readonly [norm: number, ...along: number[]]>>;
}

const golden = JSON.parse(readFileSync(new URL('../golden/network-steps/expected.json', import.meta.url), 'utf8'));
const { n, side, nSubjects, rates } = golden;
const nPairs = (n * (n - 1)) / 2;
const engine = await nodeEngine();

/** The problem of test/golden/network-steps/generate.py, ready to be run. */
async function problem({ network: name, loss }: Golden) {
  const network = NETWORKS[name];
  const { graph, stages } = tappedGraph(network, network.stageSets[5], [1, 3, side, side], seededWeights);
  const trained = parametersOf(network).filter(({ kind }) => kind !== 'mean' && kind !== 'variance');
  const parameters = trained.map((parameter) => parameter.name);
  const nMask = countMaskValues(stages, 'split');
  const scale = Float64Array.from(between('scale', [nMask], 0.5, 2));
  const session = await loadStep(engine, graph, {
    ...{ stages, maskResolution: 'split', scale, parameters, readout: 'affine', loss, nImages: n, nSubjects },
  });
  const weights = flatWeights(graph.constants, parameters);
  const groups = {
    mask: float32Group(between('mask', [nMask], 0.5, 1.5), { learningRate: rates.mask }),
    alpha: float32Group(Float32Array.of(-0.2), { learningRate: rates.readout }),
    b: float32Group(Float32Array.of(0.1), { learningRate: rates.readout }),
    backbone: float32Group(weights.values, { learningRate: rates.backbone }),
  };
  const [targets, pairWeights] = [new Float32Array(nSubjects * n * n), new Float32Array(nSubjects * n * n)];
  const [values, reliability] = [
    between('targets', [nPairs, nSubjects], 0, 1.5),
    between('weights', [nPairs], 0.5, 1.5),
  ];
  for (let s = 0; s < nSubjects; s++) {
    for (let i = 0, pair = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++, pair++) {
        targets[(s * n + i) * n + j] = values[pair * nSubjects + s];
        pairWeights[(s * n + i) * n + j] = reliability[pair] / nPairs / nSubjects;
      }
    }
  }
  const vector = (data: Float32Array) => ({ shape: [data.length], data });
  const gradients = tensorsIn(groups.backbone.gradient, weights.arrays);
  const fetches = {
    [STEP.loss]: vector(new Float32Array(1)),
    ...Object.fromEntries(
      (['mask', 'alpha', 'b'] as const).map((part) => [GRADIENT + STEP[part], vector(groups[part].gradient)]),
    ),
    ...Object.fromEntries(Object.entries(gradients).map(([array, tensor]) => [GRADIENT + array, tensor])),
  };
  const feeds = {
    pixels: { shape: [n, 3, side, side], data: between('pixels', [n, 3, side, side], -2, 2) },
    ...weights.tensors,
    ...Object.fromEntries((['mask', 'alpha', 'b'] as const).map((part) => [STEP[part], vector(groups[part].values)])),
    [STEP.targets]: { shape: [nSubjects, n, n], data: targets },
    [STEP.weights]: { shape: [nSubjects, n, n], data: pairWeights },
  };
  const run = async () => (await session.run(feeds, fetches))[STEP.loss].data[0];
  const found = { mask: groups.mask.gradient, alpha: groups.alpha.gradient, b: groups.b.gradient };
  const byName: Record<string, Float32Array> = { ...found };
  for (const [array, { data }] of Object.entries(gradients)) byName[array] = data;
  return { run, byName, groups: Object.values(groups), release: () => session.release() };
}

describe.each(golden.cases as readonly Golden[])('$network, $loss', (expected) => {
  it("has PyTorch's gradient by every array, and ten steps of Adam PyTorch's losses", async () => {
    const { run, byName, groups, release } = await problem(expected);
    const losses = [await run()];
    expect(Object.keys(byName).sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [name, [norm, ...along]] of Object.entries(expected.gradients)) {
      const values = byName[name];
      const found = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
      expect(Math.abs(found / norm - 1), name).toBeLessThan(1e-3);
      for (const [k, product] of along.entries()) {
        const direction = between(`${name}/${k}`, [values.length], -1, 1);
        let sum = 0;
        for (let at = 0; at < values.length; at++) sum += values[at] * direction[at];
        // An error vector's product with values between -1 and 1 is 1 / sqrt(3) of its length, give or take.
        expect((Math.abs(sum - product) * Math.sqrt(3)) / norm, `${name}, product ${k}`).toBeLessThan(1e-3);
      }
    }
    for (let t = 1; t < expected.losses.length; t++) {
      float32AdamStep(groups, t, 1, 1);
      losses.push(await run());
    }
    for (const [t, loss] of losses.entries()) {
      expect(Math.abs(loss / expected.losses[t] - 1), `after ${t} steps`).toBeLessThan(1e-3);
    }
    await release();
  }, 120_000);
});
