import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addInspect } from '../../src/cli/commands/inspect.ts';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { emitOnnx } from '../../src/graph/emit.ts';
import { Graph } from '../../src/graph/graph.ts';

const golden = (name: string) => fileURLToPath(new URL(`../golden/formats/${name}`, import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hypercolumn-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inspect(...args: string[]): Promise<{ results: string[]; said: string[] }> {
  const results: string[] = [];
  const said: string[] = [];
  const program = new Command().exitOverride();
  addInspect(program, { say: (text) => said.push(text), result: (text) => results.push(text), onProgress() {} });
  await program.parseAsync(['inspect', ...args], { from: 'user' });
  return { results, said };
}

test('--json prints one document with format, names, types and shapes', async () => {
  const { results, said } = await inspect(golden('stored.npz'), '--json');
  expect(results.length).toBe(1);
  expect(JSON.parse(results[0])).toEqual({
    format: 'npz',
    entries: [
      { name: 'rdm', dtype: 'float64', shape: [3, 4] },
      { name: 'names', dtype: 'text', shape: [3] },
      { name: 'counts', dtype: 'int64', shape: [5] },
    ],
  });
  expect(said).toEqual([]);
});

test('people get an aligned table', async () => {
  const { results } = await inspect(golden('stored.npz'));
  expect(results[0]).toBe(
    [
      'npz, 3 entries',
      '  name    dtype    shape',
      '  rdm     float64  3 x 4',
      '  names   text     3',
      '  counts  int64    5',
    ].join('\n'),
  );
});

test('scalars and the metadata of safetensors are shown', async () => {
  const { results } = await inspect(golden('torch.safetensors'));
  expect(results[0]).toMatch(/^ {2}scalar +float32 +scalar$/m);
  expect(results[0]).toMatch(/^metadata\n {2}names {4}\["face\.jpg"/m);
});

test('long texts are cut, and control characters in names cannot reach the terminal', async () => {
  const header = JSON.stringify({
    '\u001b[31mred': { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
    __metadata__: { a: 'x'.repeat(500) },
  });
  const path = join(folder, 'odd.safetensors');
  const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
  writeFileSync(path, Uint8Array.from([...length, ...new TextEncoder().encode(header), 7]));
  const { results } = await inspect(path);
  expect(results[0]).toContain('\\u001b[31mred');
  expect(results[0]).not.toContain('\u001b');
  expect(results[0]).toContain('... (500 characters)');
});

test('outputs of an ONNX model, which name its stages, are shown a line each and in full', async () => {
  const graph = new Graph();
  const pixels = graph.input('pixels', [1, 3, 8, 8]);
  const stages = Array.from({ length: 6 }, (_, k) => `a_stage_with_a_rather_long_name_${k}`);
  for (const stage of stages) graph.output(stage, graph.apply('relu', [pixels]));
  const path = join(folder, 'stages.onnx');
  writeFileSync(path, emitOnnx(graph));
  const lines = (await inspect(path)).results[0].split('\n').map((line) => line.trim());
  const first = lines.indexOf(`outputs   ${stages[0]} float32 n x 3 x 8 x 8`);
  expect(first).toBeGreaterThan(lines.indexOf('inputs    pixels float32 n x 3 x 8 x 8'));
  expect(lines.slice(first + 1, first + 6)).toEqual(stages.slice(1).map((name) => `${name} float32 n x 3 x 8 x 8`));
});

test('what is no such file, or of no known format, is said with the path', async () => {
  await expect(inspect(join(folder, 'none.npy'))).rejects.toThrow(UsageError);
  const path = join(folder, 'face.png');
  writeFileSync(path, Uint8Array.of(0x89, 0x50, 0x4e, 0x47));
  await expect(inspect(path)).rejects.toThrow(FormatError);
  await expect(inspect(path)).rejects.toThrow(path);
});

test('the command that is installed prints results on stdout, mistakes on stderr without a stack, and exits 0 or 2', () => {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const run = (...args: string[]) => spawnSync(process.execPath, [main, 'inspect', ...args], { encoding: 'utf8' });
  const good = run(golden('little-f8.npy'), '--json');
  expect([good.status, good.stderr]).toEqual([0, '']);
  expect(JSON.parse(good.stdout).entries).toEqual([{ name: 'data', dtype: 'float64', shape: [3, 4, 2] }]);
  const path = join(folder, 'cut.npy');
  writeFileSync(path, readFileSync(golden('little-f8.npy')).subarray(0, 150));
  const bad = run(path);
  expect([bad.status, bad.stdout]).toEqual([2, '']);
  expect(bad.stderr).toBe(
    `error: ${path}, npy header: 3 x 4 x 2 elements need 192 bytes, the file has 22; it is truncated\n`,
  );
});
