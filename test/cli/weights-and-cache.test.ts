import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addCache } from '../../src/cli/commands/cache.ts';
import { addWeights } from '../../src/cli/commands/weights.ts';
import { UsageError } from '../../src/core/errors.ts';
import { openCache } from '../../src/host/cache.ts';
import { temporaryFolder } from '../host/temporary-folder.ts';

async function hypercolumn(...args: readonly string[]): Promise<{ results: string[]; said: string[] }> {
  const [results, said]: [string[], string[]] = [[], []];
  const output = {
    say: (text: string) => void said.push(text),
    result: (text: string) => void results.push(text),
    onProgress: () => undefined,
  };
  const program = new Command().exitOverride();
  for (const add of [addCache, addWeights]) add(program, output);
  await program.parseAsync(args, { from: 'user' });
  return { results, said };
}

async function cacheWithTwoEntries(): Promise<string> {
  const folder = temporaryFolder();
  const cache = openCache(folder, { limit: 1e6 });
  for (const key of ['a', 'b']) await cache.store(key, 1000, (sink) => sink.write(0, new Uint8Array(1000)));
  mkdirSync(join(folder, 'weights'));
  writeFileSync(join(folder, 'weights', 'net.pth'), 'weights');
  writeFileSync(join(folder, 'weights', 'notes.txt'), 'mine');
  return folder;
}

describe('hypercolumn cache', () => {
  it('shows folder, entries, bytes and limit', async () => {
    const folder = await cacheWithTwoEntries();
    const { results } = await hypercolumn('cache', '--cache', folder, '--json');
    expect(results.length).toBe(1);
    const shown = JSON.parse(results[0]);
    expect(shown).toMatchObject({ folder, entries: 2, weights: [{ file: 'net.pth', bytes: 7 }] });
    expect(shown.bytes).toBeGreaterThanOrEqual(2000);
    expect(shown.limit).toBeGreaterThan(0);
    const text = (await hypercolumn('cache', '--cache', folder)).results[0];
    expect(text).toMatch(/^folder {3}.*\nentries {2}2, 2\.\d KiB of at most .*\nweights {2}net\.pth, 7 bytes$/);
  });

  it('shows a folder that is not there as empty', async () => {
    const { results } = await hypercolumn('cache', '--cache', join(temporaryFolder(), 'none'), '--json');
    expect(JSON.parse(results[0])).toMatchObject({ entries: 0, bytes: 0, weights: [] });
  });

  it('clear removes the entries and keeps the weights', async () => {
    const folder = await cacheWithTwoEntries();
    const { results, said } = await hypercolumn('cache', 'clear', '--cache', folder);
    expect(said[0]).toMatch(/^removed 2 entries, 2\.\d KiB$/);
    expect(said[1]).toMatch('downloaded weights are kept');
    expect(results[0]).toContain('entries  0');
    expect(readdirSync(join(folder, 'weights'))).toEqual(['net.pth', 'notes.txt']);
  });

  it('clear --weights removes downloads too, and no file of yours', async () => {
    const folder = await cacheWithTwoEntries();
    const { results } = await hypercolumn('cache', 'clear', '--weights', '--json', '--cache', folder);
    expect(JSON.parse(results[0])).toMatchObject({
      entries: 0,
      weights: [],
      removed: { entries: 2, weights: ['net.pth'] },
    });
    expect(readdirSync(join(folder, 'weights'))).toEqual(['notes.txt']);
  });

  it('refuses another action, and --weights without clear', async () => {
    await expect(hypercolumn('cache', 'empty')).rejects.toThrow(UsageError);
    await expect(hypercolumn('cache', '--weights')).rejects.toThrow(UsageError);
  });
});

describe('hypercolumn weights', () => {
  it('lists the networks it can bring where it cannot bring this one', async () => {
    await expect(hypercolumn('weights', 'resnet50')).rejects.toThrow(
      'expected se_resnext50_32x4d, got resnet50; the weights of other networks are named by path',
    );
  });

  it('says which file to put where when the server has it not', async () => {
    const server = createServer((_, response) => void response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const folder = temporaryFolder();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.pth`;
    await expect(hypercolumn('weights', 'se_resnext50_32x4d', '--url', url, '--cache', folder)).rejects.toThrow(
      `put se_resnext50_32x4d-a260b3a4.pth (110559176 bytes, sha256 a260b3a40f82dfe37c58d26a612bcf7bef0d27c6fed096226b0e4e9fb364168e) at ${join(folder, 'weights', 'se_resnext50_32x4d-a260b3a4.pth')}`,
    );
  });
});
