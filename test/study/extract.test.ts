import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { openFile } from '../../src/formats/open.ts';
import { readNumeric } from '../../src/formats/rows.ts';
import { withFileSource } from '../../src/host/index.ts';
import { nodeEnvironment } from '../../src/node.ts';
import type { Environment } from '../../src/study/environment.ts';
import { extractToFile, parseStages, writeFeatures } from '../../src/study/extract.ts';
import { openFeatureOrigin } from '../../src/study/features.ts';
import type { Study } from '../../src/study/settings/study-file.ts';

const FIXTURES = join(import.meta.dirname, '../golden/images/fixtures');
const GABOR = { architecture: 'gabor', preprocess: 'crop', seed: 0 } as const;

let folder: string;
let images: string;
let environment: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypercolumn-test-'));
  images = await mkdtemp(join(folder, 'images-'));
  for (const name of ['rgb.png', 'gray.jpg', 'cmyk.jpg']) await copyFile(join(FIXTURES, name), join(images, name));
  environment = await nodeEnvironment({ cache: join(folder, 'cache') });
});
afterAll(() => rm(folder, { recursive: true }));

describe('extractToFile', () => {
  it('writes a float32 tensor n x C x H x W a stage, and the names as a JSON array', async () => {
    const out = join(folder, 'features.safetensors');
    const { stages, conditions } = await extractToFile(out, { images, backbone: GABOR }, environment);
    expect(conditions).toEqual(['cmyk.jpg', 'gray.jpg', 'rgb.png']);
    const origin = await openFeatureOrigin(GABOR, environment);
    const expected: (readonly Float32Array[])[] = [];
    const stream = await origin.streamOf(await environment.listImages(images));
    for await (const features of stream.read()) expected.push(features);
    await origin.release();
    await withFileSource(out, async (source) => {
      const file = await openFile(source);
      expect(file.metadata).toEqual({
        names: JSON.stringify(conditions),
        backbone: 'gabor',
        preprocess: 'crop',
        network: origin.key,
        key: stream.key,
      });
      expect(file.entries).toEqual(
        stages.map(({ name, channels, height, width }) => ({
          name,
          dtype: 'float32',
          shape: [3, channels, height, width],
        })),
      );
      for (const [k, { name }] of stages.entries()) {
        const value = await readNumeric(file, name);
        expect(value.data).toEqual(Float32Array.from(expected.flatMap((features) => Array.from(features[k]))));
      }
    });
  });

  it("tells of an input that is not the network's own, and a copy of a file of which network that is", async () => {
    const backbone: Study['backbone'] = {
      ...{ architecture: 'resnet50', weights: 'untrained', stages: ['layer0'], seed: 3 },
      ...{ preprocess: 'squash', input: 'caffe' },
    };
    const paths = ['caffe.safetensors', 'copy.safetensors'].map((name) => join(folder, name));
    await extractToFile(paths[0], { images, backbone }, environment);
    await extractToFile(
      paths[1],
      { images, backbone: { ...GABOR, architecture: `features:${paths[0]}` } },
      environment,
    );
    const [first, copy] = await Promise.all(
      paths.map((path) => withFileSource(path, async (source) => (await openFile(source)).metadata)),
    );
    expect(first).toMatchObject({ preprocess: 'squash', input: 'caffe', network: expect.stringMatching(/./) });
    expect(copy).toMatchObject({ backbone: `features:${paths[0]}`, network: first['network'] });
    expect(copy).not.toHaveProperty('input');
  });

  it('gives back from features:FILE what it wrote, for some of the images and stages', async () => {
    const out = join(folder, 'again.safetensors');
    const { stages } = await extractToFile(out, { images, backbone: GABOR }, environment);
    const origin = await openFeatureOrigin(
      { architecture: `features:${out}`, preprocess: 'crop', seed: 0, stages: [stages[1].name] },
      environment,
    );
    const stimuli = (await environment.listImages(images)).slice(1);
    const stream = await origin.streamOf(stimuli);
    expect(stream.conditions).toEqual(['gray.jpg', 'rgb.png']);
    expect(stream.stages).toEqual([stages[1]]);
    const read: number[] = [];
    for await (const [features] of stream.read()) read.push(features.length);
    await origin.release();
    expect(read).toEqual([0, 0].map(() => stages[1].channels * stages[1].height * stages[1].width));
  });

  it('leaves what stood there, and no half file, where an image cannot be read', async () => {
    const broken = await mkdtemp(join(folder, 'broken-'));
    await copyFile(join(FIXTURES, 'rgb.png'), join(broken, 'a.png'));
    await copyFile(join(FIXTURES, 'rgb.png'), join(broken, 'c.png'));
    await writeFile(join(broken, 'b.png'), 'no image');
    const target = await mkdtemp(join(folder, 'out-'));
    const out = join(target, 'f.safetensors');
    await writeFile(out, 'earlier');
    await expect(extractToFile(out, { images: broken, backbone: GABOR }, environment)).rejects.toThrow(/b\.png/);
    expect(await readdir(target)).toEqual(['f.safetensors']);
    expect((await withFileSource(out, (source) => source.read(0, source.size))).length).toBe('earlier'.length);
  });

  it('leaves no half file where the disk is full', async () => {
    const target = await mkdtemp(join(folder, 'full-'));
    const full: Environment = {
      ...environment,
      writeFile: (path, fill) =>
        environment.writeFile(path, (sink) =>
          fill({
            write: (offset, bytes) =>
              offset > 1_000_000
                ? Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
                : sink.write(offset, bytes),
          }),
        ),
    };
    const out = join(target, 'f.safetensors');
    await expect(extractToFile(out, { images, backbone: GABOR }, full)).rejects.toThrow('no space left');
    expect(await readdir(target)).toEqual([]);
  });

  it('refuses another ending and an empty folder before any work', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'));
    await expect(extractToFile(join(folder, 'f.npz'), { images, backbone: GABOR }, environment)).rejects.toThrow(
      /f\.npz.*\.safetensors/,
    );
    await expect(
      extractToFile(join(folder, 'f.safetensors'), { images: empty, backbone: GABOR }, environment),
    ).rejects.toThrow(UsageError);
  });
});

describe('writeFeatures', () => {
  it('writes image by image and holds none: each is written before the next is asked for', async () => {
    const log: string[] = [];
    const stream = {
      conditions: ['a', 'b'],
      stages: [
        { name: 's', channels: 2, height: 1, width: 2 },
        { name: 't', channels: 1, height: 1, width: 1 },
      ],
      key: 'k',
      async *read() {
        for (const name of this.conditions) {
          log.push(`ask ${name}`);
          yield [Float32Array.of(1, 2, 3, 4), Float32Array.of(5)];
        }
      },
    };
    await writeFeatures({ write: async (_offset, bytes) => void log.push(`write ${bytes.length}`) }, stream);
    expect(log.slice(1)).toEqual(['ask a', 'write 16', 'write 4', 'ask b', 'write 16', 'write 4']);
  });
});

describe('parseStages', () => {
  it('tells a number from names between commas', () => {
    expect(parseStages('17')).toBe(17);
    expect(parseStages('layer1.0, layer4')).toEqual(['layer1.0', 'layer4']);
    expect(() => parseStages('layer1,,layer2')).toThrow(UsageError);
    expect(() => parseStages('')).toThrow(UsageError);
  });
});
