import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listFolder } from '../../src/host/index.ts';
import { reproduce } from '../../src/study/reproduce/reproduce.ts';
import { drawChallenge, SMALL_SIZES } from './challenge-folder.ts';
import { testStudies } from './environment.ts';
import { smallModel } from './small-model.ts';

const studies = await testStudies();
const { environment, path } = studies;
const data = await drawChallenge(studies, 'plain', { layout: 'plain', nTimes: 1 });
writeFileSync(path('a.onnx'), smallModel());

/** Its mask alone, one epoch. */
const FAST = [
  'backbone.preprocess=squash',
  'backbone.stages=null',
  'encoder.train=mask',
  'training.sampler=pairs',
  'training.crop=none',
  'training.epochs=1',
];
const run = (
  out: string,
  options: { data?: string; model?: string; weights?: string; more?: readonly string[] } = {},
) =>
  reproduce(
    {
      ...{ data: options.data ?? data, out: path(out), weights: options.weights, sizes: SMALL_SIZES, listFolder },
      resolvePath: (each) => each,
      overrides: [...FAST, `backbone.architecture=onnx:${path(options.model ?? 'a.onnx')}`, ...(options.more ?? [])],
    },
    environment,
  );
const another = (what: string) =>
  new RegExp(`expected a run with ${what}; name another --out, or remove that folder to fit anew$`);

/** Weights of the same network that were trained further. */
async function trainedWeights(): Promise<string> {
  const { rows } = await run('trained', { more: ['encoder.train=all', 'training.sampler=cliques'] });
  cpSync(`${rows[0].run}/backbone.safetensors`, path('w.safetensors'));
  return path('w.safetensors');
}

describe('a finished run is kept only if it is of', async () => {
  const first = await run('out');
  const submitted = () => readFileSync(path('out/submit_fmri.mat'));
  const before = submitted();

  it('the same network, which may have moved since', async () => {
    renameSync(path('a.onnx'), path('b.onnx'));
    const moved = await run('out', { model: 'b.onnx' });
    renameSync(path('b.onnx'), path('a.onnx'));
    expect(moved.rows).toEqual(first.rows);
    expect(submitted().equals(before)).toBe(true);
    writeFileSync(path('c.onnx'), smallModel('other'));
    await expect(run('out', { model: 'c.onnx' })).rejects.toThrow(
      another('the weights of onnx:.*a.onnx that are used now, got one with others'),
    );
    expect(submitted().equals(before)).toBe(true);
  });

  it('the same images and RDMs, wherever they lie', async () => {
    cpSync(data, path('moved'), { recursive: true });
    expect((await run('out', { data: path('moved') })).rows).toEqual(first.rows);
    const others = await drawChallenge(studies, 'others', { layout: 'plain', nTimes: 1 });
    const [image] = (await listFolder(`${others}/32/images`))!.files;
    cpSync(
      `${others}/34/images/${(await listFolder(`${others}/34/images`))!.files[1]}`,
      `${others}/32/images/${image}`,
    );
    await expect(run('out', { data: others })).rejects.toThrow(
      another('the data that are used now, got one with others: EVC 32 has changed, its images'),
    );
    cpSync(`${data}/32`, `${others}/32`, { recursive: true });
    cpSync(`${data}/34/meg_late_tavg.npy`, `${others}/34/meg_early_tavg.npy`);
    await expect(run('out', { data: others })).rejects.toThrow(/MEG early 34 has changed, its RDMs/);
  });

  it('weights that are the same where they are named otherwise, or by --weights beside an architecture', async () => {
    const weights = await trainedWeights();
    const named = await run('weighted', { weights });
    renameSync(weights, path('later.safetensors'));
    const later = [`backbone.weights=${path('later.safetensors')}`];
    expect((await run('weighted', { more: later })).rows).toEqual(named.rows);
    await expect(run('weighted')).rejects.toThrow(another('the weights of .* that are used now, got one with others'));
  });
});

it('says that submissions cannot be written before it fits', async () => {
  mkdirSync(path('locked/evc'), { recursive: true });
  const refusing = { ...environment, checkWritable: () => Promise.reject(new Error('not writable')) };
  const options = { data, out: path('locked'), sizes: SMALL_SIZES, listFolder, resolvePath: (each: string) => each };
  await expect(
    reproduce({ ...options, overrides: [...FAST, `backbone.architecture=onnx:${path('a.onnx')}`] }, refusing),
  ).rejects.toThrow('not writable');
  expect(existsSync(path('locked/evc/encoder.safetensors'))).toBe(false);
});
