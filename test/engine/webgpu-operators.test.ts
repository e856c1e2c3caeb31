import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Device } from '../../src/engine/session.ts';
import { OPERATORS } from '../../src/graph/operators/index.ts';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { DRIVER, printedBy } from './device-process.ts';

const TOLERANCE = 1e-3;

/** onnxruntime's WebGPU has no kernel for these: they run on the CPU beside it. */
const ON_THE_CPU = ['sign'];

/** For each operator the values of its examples and of their derivatives, by names of outputs. */
type Results = Map<string, Record<string, number[]>>;

async function resultsOn(device: Device, folder: string): Promise<Results> {
  const lines = (await printedBy('operators-process.ts', device, folder)).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const { name, results } = JSON.parse(line);
      return [name, results];
    }),
  );
}

/** Operators of which a node was computed by onnxruntime's CPU provider, out of its profiles. */
function computedOnCpu(folder: string): string[] {
  return Object.keys(OPERATORS).filter((name) => {
    const file = readdirSync(folder).find((each) => each.startsWith(`${name}_`))!;
    const events: { name: string; args?: { provider?: string } }[] = JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    );
    const own = new RegExp(`/${name}\\d+.*_kernel_time$`);
    const providers = events.filter((event) => own.test(event.name)).map(({ args }) => args?.provider);
    expect(providers, name).not.toHaveLength(0);
    return providers.includes('CPUExecutionProvider');
  });
}

it('every operator and its gradients are on WebGPU what they are on the CPU, to 1e-3', { timeout: 300_000 }, async ({
  skip,
}) => {
  if (!existsSync(DRIVER)) skip(`there is no ${DRIVER}: install Debian's package chromium-common`);
  const folder = temporaryFolder();
  const expected = await resultsOn('cpu', temporaryFolder());
  const results = await resultsOn('webgpu', folder);
  expect([...results.keys()]).toEqual(Object.keys(OPERATORS));
  for (const [name, outputs] of expected) {
    expect(Object.keys(outputs).length, name).toBeGreaterThan(0);
    for (const [output, values] of Object.entries(outputs)) {
      const computed = results.get(name)![output];
      expect(computed.length).toBe(values.length);
      expect(computed.every(Number.isFinite), `${name} ${output}`).toBe(true); // JSON has null for NaN
      const difference = Math.hypot(...values.map((value, k) => computed[k] - value));
      expect(difference, `${name} ${output}`).toBeLessThanOrEqual(TOLERANCE * Math.hypot(...values));
    }
  }
  expect(computedOnCpu(folder)).toEqual(ON_THE_CPU);
});
