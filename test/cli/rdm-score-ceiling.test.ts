import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addCeiling } from '../../src/cli/commands/ceiling.ts';
import { addRdm } from '../../src/cli/commands/rdm.ts';
import { addScore } from '../../src/cli/commands/score.ts';
import { UsageError } from '../../src/core/errors.ts';
import { openFile } from '../../src/formats/open.ts';
import type { Source } from '../../src/formats/source.ts';
import { openFileSource } from '../../src/host/files.ts';
import { readRdmStack } from '../../src/study/rdms/targets.ts';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { arrayOf, fileOf, squareRdm, textsOf } from '../study/memory-files.ts';

const subjects = [1, 2, 3].map((seed) => squareRdm(5, seed));

describe('hypercolumn score', () => {
  it('prints one JSON document on stdout with --json, and what was assumed on stderr', async () => {
    const { model, target } = await files();
    const { results, said } = await run('score', model, '--target', target, '--json');
    expect(results).toHaveLength(1);
    const { results: scores, track } = JSON.parse(results[0]);
    expect(scores.map(({ variable }: { variable: string }) => variable)).toEqual(['EVC_RDMs', 'IT_RDMs']);
    expect(track).toEqual({ r2: expect.any(Number), percentOfCeiling: expect.any(Number) });
    expect(said.join('\n')).toContain('matched by size alone');
  });

  it('prints a table with signed rho, its standard error, r2 and which ceiling percentages are of', async () => {
    const { model, target } = await files();
    const [text] = (await run('score', model, '--target', target, '--variable', 'EVC_RDMs')).results;
    const [header, row] = text.split('\n');
    expect(header).toMatch(/^variable +n +subjects +rho +SE +r2 +% of ceiling/);
    expect(row).toMatch(/^EVC_RDMs +5 +3 +[+-]0\.\d{3} +0\.\d{3} +0\.\d{4} +\d+\.\d\d +-?0\.\d{3}\.\.0\.\d{3}$/);
    expect(text).not.toContain('IT_RDMs');
    expect(text).toContain("% of ceiling: r2 over the upper noise ceiling (r2) of the target's own subjects.");
  });

  it('says that squares hide the sign where rho is negative, and only there', async () => {
    const folder = temporaryFolder();
    const opposite = subjects[0].map((row) => row.map((value) => (value === 0 ? 0 : 3 - value)));
    const target = await write(folder, 'target.npz', {
      EVC_RDMs: [subjects[0], subjects[0]],
      IT_RDMs: [opposite, opposite],
    });
    const model = await write(folder, 'model.npy', { rdm: subjects[0] });
    const [text] = (await run('score', model, '--target', target)).results;
    expect(text).toContain('Squares hide the sign: rho is negative for IT_RDMs,');
    const [positive] = (await run('score', model, '--target', target, '--variable', 'EVC_RDMs')).results;
    expect(positive).not.toContain('hide the sign');
  });

  it('refuses a benchmark that there is none of', async () => {
    const { model, target } = await files();
    await expect(run('score', model, '--target', target, '--benchmark', 'imagenet')).rejects.toThrow(
      new UsageError(
        '--benchmark: expected one of algonauts2019-92, algonauts2019-118, algonauts2019-78, got imagenet',
      ),
    );
  });

  it('refuses a file that is not there', async () => {
    const { target } = await files();
    await expect(run('score', 'nowhere.mat', '--target', target)).rejects.toThrow(
      /nowhere\.mat: there is no such file/,
    );
  });
});

describe('hypercolumn ceiling', () => {
  it("prints the contract's JSON with --json", async () => {
    const { target } = await files();
    const { results } = JSON.parse((await run('ceiling', target, '--json')).results[0]);
    expect(Object.keys(results[0])).toEqual(['variable', 'n', 'nSubjects', 'ceiling']);
    expect(results[0].ceiling.lower).toEqual({ rho: expect.any(Number), r2: expect.any(Number) });
    const one = JSON.parse((await run('ceiling', target, '--variable', 'IT_RDMs', '--json')).results[0]);
    expect(one.results).toHaveLength(1);
  });

  it('prints null for a single subject, and why on stderr', async () => {
    const target = await write(temporaryFolder(), 'one.npy', { rdm: subjects[0] });
    const { results, said } = await run('ceiling', target, '--json');
    expect(JSON.parse(results[0])).toEqual({ results: [{ variable: 'data', n: 5, nSubjects: 1, ceiling: null }] });
    expect(said.join()).toContain('needs at least 2 subjects');
    expect((await run('ceiling', target)).results[0]).toMatch(/^data +5 +1( +-){4}$/m);
  });
});

describe('hypercolumn rdm', () => {
  const features = [
    [1, 2, 3, 5],
    [2, 1, 0, 4],
    [0, 0, 1, 0],
  ];
  const cityblock = [6, 10, 8];

  it.each(['mat', 'npz', 'npy', 'csv'])(
    'writes the RDM as .%s, under rdm where the format has names',
    async (ending) => {
      const folder = temporaryFolder();
      const input = await write(folder, 'features.npy', { x: features });
      const out = join(folder, 'new', `rdm.${ending}`);
      const { results, said } = await run('rdm', input, '--metric', 'cityblock', '--out', out);
      expect(results).toEqual([]);
      expect(said.join()).toContain(`to ${out}`);
      const { names, stack } = await read(out);
      expect([...stack.values]).toEqual(cityblock);
      if (ending === 'mat' || ending === 'npz') expect(names).toEqual(['rdm']);
    },
  );

  it.each(['mat', 'npz', 'csv'])('carries names to .%s', async (ending) => {
    const folder = temporaryFolder();
    const input = join(folder, 'features.safetensors');
    const names = ['ä cat.jpg', 'dog, brown.jpg', 'car'];
    writeBytes(input, await fileOf(input, { layer4: arrayOf(features), names: textsOf(names) }));
    const out = join(folder, `rdm.${ending}`);
    await run('rdm', input, '--variable', 'layer4', '--metric', 'cityblock', '--out', out);
    expect((await read(out)).stack.conditions).toEqual(names);
  });

  it('refuses another ending and another metric before it reads anything', async () => {
    await expect(run('rdm', 'nowhere.npy', '--metric', 'cosine', '--out', 'rdm.txt')).rejects.toThrow(
      /rdm\.txt: expected a name that ends in \.mat, \.npz, \.npy, \.csv/,
    );
    await expect(run('rdm', 'nowhere.npy', '--metric', 'hamming', '--out', 'rdm.npy')).rejects.toThrow(/got hamming/);
  });

  it('leaves what stood at --out where it fails', async () => {
    const folder = temporaryFolder();
    const input = await write(folder, 'features.npy', {
      x: [
        [1, 1],
        [2, 3],
      ],
    });
    const out = join(folder, 'rdm.csv');
    writeFileSync(out, 'earlier');
    await expect(run('rdm', input, '--metric', 'correlation', '--out', out)).rejects.toThrow(/row 1: all values are 1/);
    expect(readFileSync(out, 'utf8')).toBe('earlier');
  });

  it('and score fit together: a model made of features is scored against its own RDM at 1', async () => {
    const folder = temporaryFolder();
    const input = await write(folder, 'features.npy', { x: [...features, [1, 7, 2, 8]] });
    const out = join(folder, 'rdm.mat');
    await run('rdm', input, '--metric', 'euclidean', '--out', out);
    const { results } = await run('score', out, '--target', out, '--json');
    expect(JSON.parse(results[0]).results[0].rho).toBeCloseTo(1, 12);
  });
});

async function run(...words: string[]) {
  const results: string[] = [];
  const said: string[] = [];
  const program = new Command('hypercolumn').exitOverride();
  const output = {
    say: (text: string) => said.push(text),
    result: (text: string) => results.push(text),
    onProgress: () => {},
  };
  for (const add of [addRdm, addScore, addCeiling]) add(program, output as never);
  await program.parseAsync(words, { from: 'user' });
  return { results, said };
}

async function files() {
  const folder = temporaryFolder();
  return {
    model: await write(folder, 'model.npy', { rdm: squareRdm(5, 8) }),
    target: await write(folder, 'target.mat', { EVC_RDMs: subjects, IT_RDMs: [...subjects].reverse() }),
  };
}

async function write(folder: string, name: string, arrays: Record<string, Parameters<typeof arrayOf>[0]>) {
  const path = join(folder, name);
  const named = Object.fromEntries(Object.entries(arrays).map(([key, values]) => [key, arrayOf(values)]));
  writeBytes(path, await fileOf(path, named));
  return path;
}

function writeBytes(path: string, source: Source): void {
  writeFileSync(path, source.readSync!(0, source.size));
}

async function read(path: string) {
  const source = await openFileSource(path);
  const file = await openFile(source);
  const stack = await readRdmStack(file, { path });
  await source.close();
  return { names: file.entries.map(({ name }) => name).filter((name) => name !== 'names'), stack };
}
