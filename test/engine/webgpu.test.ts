import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { relativeDifference } from '../../src/engine/devices.ts';
import type { Device } from '../../src/engine/session.ts';
import { DRIVER, printedBy } from './device-process.ts';

const TOLERANCE = 1e-3;

/** What a training epoch came to. */
interface Epoch {
  readonly engine: string;
  /** One a step. */
  readonly losses: readonly number[];
  readonly mask: readonly number[];
  /** Norm of all changes of the network's weights. */
  readonly norm: number;
}

async function trainOn(device: Device): Promise<Epoch> {
  return JSON.parse(await printedBy('webgpu-process.ts', device)) as Epoch;
}

it('a whole training epoch on WebGPU is that of the CPU', { timeout: 300_000 }, async ({ skip }) => {
  if (!existsSync(DRIVER)) skip(`there is no ${DRIVER}: install Debian's package chromium-common`);
  const cpu = await trainOn('cpu');
  const webgpu = await trainOn('webgpu');
  expect([cpu.engine, webgpu.engine]).toEqual([expect.stringMatching(/, cpu$/), expect.stringMatching(/, webgpu$/)]);
  expect(webgpu.losses.length).toBe(cpu.losses.length);
  for (const [step, loss] of cpu.losses.entries()) {
    expect(Math.abs(webgpu.losses[step] - loss), `step ${step}`).toBeLessThan(TOLERANCE * loss);
  }
  expect(relativeDifference(Float32Array.from(webgpu.mask), Float32Array.from(cpu.mask))).toBeLessThan(TOLERANCE);
  expect(Math.abs(webgpu.norm - cpu.norm)).toBeLessThan(TOLERANCE * cpu.norm);
});
