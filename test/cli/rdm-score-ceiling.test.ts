import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { addCeiling } from '../../src/cli/commands/ceiling.ts';
import { addRdm } from '../../src/cli/commands/rdm.ts';
import { addScore } from '../../src/cli/commands/score.ts';
import { UsageError } from '../../src/core/errors.ts';
import { openFile } from '../../src/formats/open.ts';
import type { Source } from '../../src/formats/source.ts';
import { openFileSource } from '../../src/host/files.ts';
import { noiseCeiling } from '../../src/rdm/ceiling.ts';
import { makeRdmStack } from '../../src/rdm/rdm.ts';
import { drawStimuli } from '../../src/simulation/stimuli.ts';
import { readRdmStack } from '../../src/study/rdms/targets.ts';
import { temporaryFolder } from '../host/temporary-folder.ts';
import { arrayOf, fileOf, squareRdm, textsOf, upperTriangle } from '../study/memory-files.ts';

const subjects = [1, 2, 3].map((seed) => squareRdm(5, seed));
const QUICK = ['--samples', '20', '--permutations', '19'];

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

  it('adds the sheet to what each result held, and changes nothing of that', async () => {
    const { model, target } = await files();
    const [text] = (await run('score', model, '--target', target, '--json', ...QUICK)).results;
    for (const { sheet, ...result } of JSON.parse(text).results) {
      expect(Object.keys(result)).toEqual([
        ...['variable', 'n', 'nSubjects', 'r2', 'percentOfCeiling', 'rho', 'rhoBySubject', 'ceiling'],
      ]);
      expect(sheet).toMatchObject({
        comparator: 'spearman',
        nSamples: 20,
        nPermutations: 19,
        ceilingInUse: result.ceiling.upper.r2,
      });
      expect(sheet.models[0].official.r2).toBeCloseTo(result.r2, 12);
      expect(sheet.models[0].official.percentOfCeiling).toBeCloseTo(result.percentOfCeiling, 9);
      expect(sheet.ceilings.raw).toEqual(result.ceiling);
    }
  });

  it('prints the sheet: the official figure beside its floor, signed rho with its interval, tests, both ceilings', async () => {
    const { model, target } = await files();
    const [text] = (await run('score', model, '--target', target, '--variable', 'EVC_RDMs', ...QUICK)).results;
    const lines = text.split('\n');
    expect(lines[0]).toMatch(/^EVC_RDMs: 5 conditions, 3 subjects; 100 % of ceiling is r2 0\.\d{4}$/);
    const row = (start: string) => lines.find((line) => line.startsWith(start));
    expect(row('model ')).toMatch(/^model +r2 +% of ceiling +floor mean +floor 95 % +rho +interval$/);
    expect(row('model.npy ')).toMatch(
      /^model\.npy +0\.\d{4} +\d+\.\d\d +\d+\.\d\d +\d+\.\d\d +[+-]0\.\d{3} +[+-]\d\.\d{3}\.\.[+-]\d\.\d{3}$/,
    );
    expect(row('test of rho')).toMatch(/^test of rho +p permuted +p above 0 +p ceiling$/);
    expect(row('raw')).toMatch(/^raw( +[+-]\d\.\d{3}){2}( +\d\.\d{4}){2}$/);
    expect(row('normalised')).toBeDefined();
    expect(row('shared signal: ')).toBeDefined();
    expect(text).not.toContain('IT_RDMs');
    expect(text).toContain("% of ceiling: r2 over the upper noise ceiling (r2) of the target's own subjects.");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('warns where rho is negative though r2 is high, and only there', async () => {
    const folder = temporaryFolder();
    const opposite = subjects[0].map((row) => row.map((value) => (value === 0 ? 0 : 3 - value)));
    const target = await write(folder, 'target.npz', {
      EVC_RDMs: [subjects[0], subjects[0]],
      IT_RDMs: [opposite, opposite],
    });
    const model = await write(folder, 'model.npy', { rdm: subjects[0] });
    const [text] = (await run('score', model, '--target', target)).results;
    expect(text).toContain('warning: rho is negative for model.npy (rho -1.000, r2 1.0000,');
    const [positive] = (await run('score', model, '--target', target, '--variable', 'EVC_RDMs')).results;
    expect(positive).not.toContain('rho is negative');
  });

  it('takes comparator, averaging, what is generalised over, resamples and seed', async () => {
    const { model, target } = await files();
    const sheetOf = async (...options: string[]) =>
      JSON.parse(
        (await run('score', model, '--target', target, '--variable', 'EVC_RDMs', '--json', ...options)).results[0],
      ).results[0].sheet;
    const options = ['--comparator', 'cosine', '--averaging', 'normalised', '--over', 'stimuli'];
    const sheet = await sheetOf(...options, ...QUICK, '--seed', '3');
    expect(sheet).toMatchObject({ comparator: 'cosine', averaging: 'normalised', over: 'stimuli', nSamples: 20 });
    expect(await sheetOf(...options, ...QUICK, '--seed', '3', '--threads', '2')).toEqual(sheet);
    expect(await sheetOf(...options, ...QUICK, '--seed', '4')).not.toEqual(sheet);
    expect(await sheetOf('--samples', '20', '--permutations', '0')).toMatchObject({
      nPermutations: 0,
      sharedSignal: null,
    });
    expect((await sheetOf('--samples', '0')).models[0]).toMatchObject({ estimate: null, aboveZero: null });
    await expect(sheetOf('--samples', '1')).rejects.toThrow('--samples: expected 0 or a whole number from 2, got 1');
    await expect(sheetOf('--comparator', 'kendall')).rejects.toThrow(/Allowed choices are spearman, pearson/);
    await expect(sheetOf('--samples', 'few')).rejects.toThrow(
      /^--samples: expected 0 or a whole number from 2, got few$/,
    );
  });

  it('compares further models with the first', async () => {
    const { model, target } = await files();
    const other = await write(temporaryFolder(), 'other.npy', { rdm: squareRdm(5, 9) });
    const args = ['score', model, other, '--target', target, ...QUICK];
    const { results } = JSON.parse((await run(...args, '--json')).results[0]);
    const alone = JSON.parse((await run('score', model, '--target', target, ...QUICK, '--json')).results[0]).results;
    for (const [k, { sheet, ...result }] of results.entries()) {
      const { sheet: single, ...before } = alone[k];
      expect(result).toEqual(before);
      expect(sheet.models.map(({ name }: { name: string }) => name)).toEqual(['model.npy', 'other.npy']);
      expect(sheet.models[0].estimate).toEqual(single.models[0].estimate);
      expect(sheet.comparisons).toHaveLength(1);
      expect(Object.keys(sheet.comparisons[0].test)).toEqual(expect.arrayContaining(['p', 'pFdr', 'pBonferroni']));
    }
    expect((await run(...args)).results[0]).toMatch(
      /^model\.npy less +rho +interval +p +FDR +Bonferroni\nother\.npy /m,
    );
  });

  it('warns where images scored on were learnt from, by content', async () => {
    const { model, target } = await files();
    const folder = temporaryFolder();
    for (const [k, { name, decode }] of drawStimuli({ nImages: 5, size: 32 }).entries()) {
      const { width, height, data } = await decode();
      const image = sharp(data, { raw: { width, height, channels: 3 } });
      mkdirSync(join(folder, 'test'), { recursive: true });
      mkdirSync(join(folder, 'learnt'), { recursive: true });
      await image
        .clone()
        .png()
        .toFile(join(folder, 'test', name));
      if (k > 2)
        await image
          .resize(64, 64)
          .jpeg()
          .toFile(join(folder, 'learnt', `copy${k}.jpg`));
    }
    const images = ['--images', join(folder, 'test')];
    const args = ['score', model, '--target', target, '--variable', 'EVC_RDMs', ...QUICK, ...images];
    const { results } = await run(...args, '--trained-on', join(folder, 'learnt'), '--json');
    const [warning] = JSON.parse(results[0]).results[0].sheet.warnings;
    expect(warning.code).toBe('overlap');
    expect(warning.text).toMatch(/^2 of the 5 images are among those learnt from: .*\(there copy3\.jpg\)/);
    await expect(run(...args)).rejects.toThrow(/^--images: expected --images DIR and --trained-on DIR or RUN/);
  });

  it('refuses a benchmark that there is none of', async () => {
    const { model, target } = await files();
    await expect(run('score', model, '--target', target, '--benchmark', 'imagenet')).rejects.toThrow(
      new UsageError(
        '--benchmark: expected one of algonauts2019-92, algonauts2019-118, algonauts2019-78, got imagenet',
      ),
    );
  });

  it('takes no run for an RDM, and says how to make one of it', async () => {
    const { target } = await files();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'study.json'), '{}');
    await expect(run('score', folder, '--target', target)).rejects.toThrow(
      `got the folder of a run; predict one with hypercolumn predict ${folder} --images DIR --out rdm.npz and score that`,
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
    expect(Object.keys(results[0])).toEqual(['variable', 'n', 'nSubjects', 'ceiling', 'comparator', 'normalised']);
    expect(results[0].ceiling.lower).toEqual({ rho: expect.any(Number), r2: expect.any(Number) });
    const one = JSON.parse((await run('ceiling', target, '--variable', 'IT_RDMs', '--json')).results[0]);
    expect(one.results).toHaveLength(1);
  });

  it('prints null for a single subject, and why on stderr', async () => {
    const target = await write(temporaryFolder(), 'one.npy', { rdm: subjects[0] });
    const { results, said } = await run('ceiling', target, '--json');
    expect(JSON.parse(results[0])).toEqual({
      results: [{ variable: 'data', n: 5, nSubjects: 1, ceiling: null, comparator: 'spearman', normalised: null }],
    });
    expect(said.join()).toContain('needs at least 2 subjects');
    expect((await run('ceiling', target)).results[0]).toMatch(/^data +5 +1 +raw( +-){4}$/m);
  });

  it('takes a comparator, and prints both ways of averaging', async () => {
    const { target } = await files();
    const args = ['ceiling', target, '--variable', 'EVC_RDMs', '--comparator', 'cosine'];
    const [result] = JSON.parse((await run(...args, '--json')).results[0]).results;
    const values = Float64Array.from(subjects.flatMap(upperTriangle));
    const stack = makeRdmStack(values, { nSubjects: 3 });
    expect(result.ceiling).toEqual(noiseCeiling(stack, { comparator: 'cosine' }));
    expect(result.normalised).toEqual(noiseCeiling(stack, { comparator: 'cosine', averaging: 'normalised' }));
    const [text] = (await run(...args)).results;
    expect(text).toMatch(/^EVC_RDMs +5 +3 +raw( +0\.\d{3}){2}( +0\.\d{4}){2}\nEVC_RDMs +5 +3 +normalised /m);
    expect(text).toContain('similarity (cosine)');
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

  it('takes noise from a file, an array of a file, or the rows themselves, and says what it took', async () => {
    const folder = temporaryFolder();
    const input = await write(folder, 'm.npz', {
      x: Array.from({ length: 8 }, (_, k) => [k % 3, (k * 7) % 5, Math.sin(k)]),
      condition: [0, 1, 2, 3, 0, 1, 2, 3],
      run: [1, 1, 1, 1, 2, 2, 2, 2],
    });
    const identity = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0)));
    const noise = await write(folder, 'noise.npz', { other: [[1, 2]], precision: identity });
    const out = join(folder, 'rdm.csv');
    const design = ['--variable', 'x', '--conditions', 'condition', '--out', out];
    const crossnobis = ['rdm', input, '--metric', 'crossnobis', '--folds', 'run', ...design];
    await run(...crossnobis);
    const { stack: plain } = await read(out);
    expect(plain.nConditions).toBe(4);
    const { said } = await run(...crossnobis, '--noise', `${noise}:precision`);
    expect(said.join()).toContain("is taken for the noise's precision");
    expect((await read(out)).stack.values).toEqual(plain.values);
    const residuals = await run('rdm', input, '--metric', 'mahalanobis', '--noise', 'residuals', ...design);
    expect(residuals.said.join()).toContain('8 residuals with 4 degrees of freedom');
    await expect(run('rdm', input, '--metric', 'euclidean', '--folds', 'run', ...design)).rejects.toThrow(
      /^--folds: expected --metric mahalanobis or crossnobis with it, got euclidean$/,
    );
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
