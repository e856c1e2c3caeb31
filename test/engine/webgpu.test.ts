import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { relativeDifference } from '../../src/engine/devices.ts';
import type { Device } from '../../src/engine/session.ts';

/** Debian's package chromium-common has a Vulkan driver that computes in software. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const PROCESS = fileURLToPath(new URL('webgpu-process.ts', import.meta.url));
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

/** Trains in another process: a driver's fault, and what it prints, stay there. */
async function trainOn(device: Device): Promise<Epoch> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROCESS, device], {
    env: { ...process.env, VK_DRIVER_FILES: DRIVER, XDG_RUNTIME_DIR: '/tmp' },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as Epoch;
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
