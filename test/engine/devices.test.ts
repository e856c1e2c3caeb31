import { afterEach, describe, expect, it, vi } from 'vitest';
import tryDevice from '../../src/engine/device-trial.ts';
import { type DeviceTrial, fastestDevice, relativeDifference } from '../../src/engine/devices.ts';
import * as node from '../../src/engine/node.ts';
import { nodeEnvironment } from '../../src/node.ts';

describe('auto takes', () => {
  const cpu: DeviceTrial = { device: 'cpu', works: true, engine: 'x, cpu', gflops: 100 };
  const webgpu = (gflops: number): DeviceTrial => ({ device: 'webgpu', works: true, engine: 'x, webgpu', gflops });
  const noCuda: DeviceTrial = { device: 'cuda', works: false, problem: 'none' };

  it('the fastest device that works', () => {
    expect(fastestDevice([cpu, webgpu(2000), noCuda])).toBe('webgpu');
    expect(fastestDevice([cpu, webgpu(2000), { ...webgpu(9000), device: 'cuda' } as DeviceTrial])).toBe('cuda');
  });

  it('the CPU rather than a driver in software, and where nothing else works', () => {
    expect(fastestDevice([cpu, webgpu(1), noCuda])).toBe('cpu');
    expect(fastestDevice([cpu, noCuda])).toBe('cpu');
    expect(fastestDevice([])).toBe('cpu');
  });
});

describe('a trial', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('of the CPU works, and measures its speed', async () => {
    const trial = await tryDevice('cpu');
    expect(trial).toMatchObject({
      device: 'cpu',
      works: true,
      engine: expect.stringMatching(/^onnxruntime-node .*, cpu$/),
    });
    expect(trial.works && trial.gflops).toBeGreaterThan(1);
  });

  it.each([
    ['other numbers', (value: number) => value * 1.01],
    ['no numbers', () => Number.NaN],
  ])('of a device that gives %s than the CPU does not work', async (_, wrong) => {
    const real = node.nodeEngine;
    vi.spyOn(node, 'nodeEngine').mockImplementation(async ({ device = 'cpu' } = {}) => {
      const engine = await real();
      if (device === 'cpu') return engine;
      return {
        ...engine,
        async load(model) {
          const session = await engine.load(model);
          return {
            ...session,
            async run(feeds) {
              const { y } = await session.run(feeds);
              return { y: { ...y, data: y.data.map(wrong) as Float32Array } };
            },
          };
        },
      };
    });
    expect(await tryDevice('webgpu')).toMatchObject({
      works: false,
      problem: expect.stringMatching(
        /^webgpu computes other numbers than the CPU \(relative difference (0\.01.*|NaN)\)/,
      ),
    });
  });

  it('of a device that is not there says what is missing and the way out', async () => {
    const trial = await tryDevice('cuda');
    if (trial.works) return; // on a machine that has it
    expect(trial.problem).toMatch(
      /^expected an NVIDIA card .*use --device cpu|^expected .*(CUDA 12).*or use --device cpu$|has none for/,
    );
  });
});

it('CUDA without a card says that none was seen before it says what to install, and with one what is missing', () => {
  expect(node.withoutCuda('x', false)).toMatch(
    /^expected an NVIDIA card with its driver, saw none on this machine; use --device cpu, or where there is one install its driver/,
  );
  expect(node.withoutCuda('x', true)).toMatch(
    /^expected (onnxruntime's files for CUDA 12|an NVIDIA driver and the libraries)/,
  );
  expect(node.withoutCuda('x', true)).not.toContain('saw none');
});

it.each(['webgpu', 'cuda'] as const)(
  'an environment on %s is there, or what is missing is said and nothing else',
  async (device) => {
    const said = await nodeEnvironment({ device }).then(
      () => '',
      (error: Error) => error.message,
    );
    if (said !== '') expect(said).toMatch(new RegExp(`^--device ${device}: expected .*--device cpu`));
  },
);

it('an engine says its device and threads', async () => {
  expect(await node.nodeEngine({ threads: 2 })).toMatchObject({ device: 'cpu', threads: 2 });
  expect(await node.nodeEngine()).toMatchObject({ device: 'cpu' });
});

it('the relative difference is a norm over a norm', () => {
  expect(relativeDifference(Float32Array.of(3, 8), Float32Array.of(3, 4))).toBeCloseTo(4 / 5);
  expect(relativeDifference(Float32Array.of(Number.NaN), Float32Array.of(1))).toBeNaN();
});
