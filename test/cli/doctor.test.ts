import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { hypercolumn } from './hypercolumn.ts';

it('doctor says a line for each thing that commands need, and for what is missing a way out', async () => {
  const cache = join(temporaryFolder(), 'cache');
  const { code, stdout } = await hypercolumn(['doctor', '--cache', cache]);
  expect(code).toBe(0);
  const [title, ...lines] = stdout.trimEnd().split('\n');
  expect(title).toMatch(/^hypercolumn \d+\.\d+\.\d+, Node \d+\.\d+\.\d+, \w+ \w+$/);
  expect(lines.map((line) => line.slice(9, 17).trim())).toEqual([
    ...['machine', 'cpu', 'webgpu', 'cuda', 'images', 'cache', 'weights'],
  ]);
  expect(lines[0]).toMatch(/^ok .*\d cores?, .*GiB of .* memory free$/);
  expect(lines[1]).toMatch(/^ok .*onnxruntime-node \d+\.\d+\.\d+, cpu, [\d.]+ GFLOP\/s$/);
  expect(lines[4]).toMatch(/^ok .*sharp \d/);
  expect(lines[5]).toMatch(/^ok .*, 0 bytes of at most .*, .* free on its disk$/);
  expect(lines[6]).toMatch(
    /^missing .*run hypercolumn weights se_resnext50_32x4d, or name a file by backbone\.weights of the study/,
  );
  for (const line of lines.filter((each) => each.startsWith('missing'))) expect(line).toMatch(/; .*(use|run|install) /);
});

it('doctor --json prints one document of the same', async () => {
  const cache = temporaryFolder();
  const { code, stdout } = await hypercolumn(['doctor', '--json', '--cache', cache]);
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({
    node: process.versions.node,
    cpu: { model: expect.any(String), cores: expect.any(Number) },
    images: { works: true },
    cache: { folder: cache, problem: null },
    weights: [{ name: 'se_resnext50_32x4d', path: null }],
  });
  expect(found.devices.map(({ device }: { device: string }) => device)).toEqual(['cpu', 'webgpu', 'cuda']);
  expect(found.devices[0].gflops).toBeGreaterThan(1);
  expect(found.memory.free).toBeLessThanOrEqual(found.memory.total);
});

it('doctor names a cache folder that nothing can be written to, and goes on', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const { code, stdout } = await hypercolumn(['doctor', '--cache', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^missing {2}cache {4}.*no folder that can be made or written to; .*--cache$/m);
});

it('a device that is none is a mistake that lists those there are', async () => {
  const { code, stderr } = await hypercolumn(['fit', 'study.yaml', '--device', 'tpu']);
  expect(code).toBe(2);
  expect(stderr).toContain('auto, cpu, webgpu, cuda');
});

it.each(['webgpu', 'cuda'])(
  'a command on %s where there is none says one sentence, and nothing of its driver',
  async (device) => {
    const { code, stderr } = await hypercolumn([
      'predict',
      'none',
      '--images',
      'none',
      '--out',
      'a.npz',
      '--device',
      device,
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  },
);
