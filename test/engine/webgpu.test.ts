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

interface Computed {
  readonly engine: string;
  readonly results: Readonly<Record<string, readonly number[]>>;
}

/** What another process computes on a device: a driver's fault, and what it prints, stay there. */
async function computedOn(device: Device): Promise<Computed> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROCESS, device], {
    env: { ...process.env, VK_DRIVER_FILES: DRIVER, XDG_RUNTIME_DIR: '/tmp' },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as Computed;
}

it('a small network computes on WebGPU what it computes on the CPU', { timeout: 300_000 }, async ({ skip }) => {
  if (!existsSync(DRIVER)) skip(`there is no ${DRIVER}: install Debian's package chromium-common`);
  const [cpu, webgpu] = await Promise.all([computedOn('cpu'), computedOn('webgpu')]);
  expect(webgpu.engine).toMatch(/, webgpu$/);
  expect(Object.keys(webgpu.results)).toEqual(Object.keys(cpu.results));
  for (const [name, values] of Object.entries(cpu.results)) {
    const difference = relativeDifference(Float32Array.from(webgpu.results[name]), Float32Array.from(values));
    expect(difference, name).toBeLessThan(TOLERANCE);
  }
});
