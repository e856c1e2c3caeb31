import { linkSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { float64Array } from '../../src/formats/array.ts';
import { featureArrays, subjectRdms, type TestStudies, testStudies } from '../study/environment.ts';
import { textsOf } from '../study/memory-files.ts';
import { hypercolumn } from './hypercolumn.ts';

const N = 8;
let studies: TestStudies;
let names: string[];

beforeAll(async () => {
  studies = await testStudies();
  names = await studies.drawImages('images', N);
  await studies.writeArrays('features.npz', featureArrays(names));
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3), alone: subjectRdms(N, 1) });
});

const run = (...args: string[]) =>
  hypercolumn(args, { cwd: studies.path('.'), env: { HYPERCOLUMN_CACHE: studies.path('cache') } });

/** Fits a study of one data set; its settings are YAML. */
async function fitted(name: string, entry: string, backbone = "{ architecture: 'features:features.npz' }") {
  await studies.writeText(`${name}.yaml`, `backbone: ${backbone}\ndata: [${entry}]\ntraining: { epochs: 2 }\n`);
  return run('fit', `${name}.yaml`, '--out', `run-${name}`, '--json');
}

/** The one sentence of an error: exit 2, nothing on stdout, no stack. */
async function refusal(outcome: Promise<{ code: number | null; stdout: string; stderr: string }>): Promise<string> {
  const { code, stdout, stderr } = await outcome;
  expect([code, stdout], stderr).toEqual([2, '']);
  const errors = stderr.split('\n').filter((line) => line.startsWith('error: '));
  expect(errors).toHaveLength(1);
  return errors[0];
}

/** The RDMs of three subjects with one value of the second one's changed, `below` the diagonal another. */
async function damaged(file: string, above: number, below = above): Promise<string> {
  const { data, ...array } = subjectRdms(N, 3);
  const values = Float64Array.from(data as Float64Array);
  values[N * N + 2 * N + 4] = above;
  values[N * N + 4 * N + 2] = below;
  await studies.writeArrays(file, { EVC: { ...array, data: values } });
  return `{ images: images, rdms: ${file}, variable: EVC }`;
}

describe.concurrent('RDMs', () => {
  it('with a NaN are refused by subject, row and column', async () => {
    expect(await refusal(fitted('nan', await damaged('nan.npz', Number.NaN)))).toMatch(
      /nan\.npz, EVC, subject 2 of 3, row 3, column 5 \(counting from 1\): expected a finite dissimilarity, got NaN/,
    );
  });

  it('that are not symmetric are refused by subject, row and column', async () => {
    expect(await refusal(fitted('asymmetric', await damaged('asymmetric.mat', 1, 2)))).toMatch(
      /asymmetric\.mat, EVC, subject 2 of 3, row 3, column 5 .*: expected the same value as in row 5, column 3, got 1 and 2/,
    );
  });

  it('that are off by rounding are averaged, and that is said', async () => {
    const { code, stderr } = await fitted('rounded', await damaged('rounded.npz', 1, 1 + 1e-9));
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /note: .*rounded\.npz, EVC: values above and below the diagonal differ by up to 1\.0e-9 and were averaged/,
    );
  });

  it('of another number of conditions than there are images are refused, in a .mat file too', async () => {
    await studies.writeArrays('seven.mat', { EVC: subjectRdms(7, 3) });
    expect(await refusal(fitted('seven', '{ images: images, rdms: seven.mat, variable: EVC }'))).toMatch(
      /seven\.mat, EVC: its RDMs are of 7 conditions, but .*images holds 8 images; give the image of each row with order: names\.csv$/,
    );
  });

  it('of one subject are fitted, without a ceiling', async () => {
    const { code, stdout } = await fitted('alone', '{ images: images, rdms: rdms.npz, variable: alone }');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).sets[0]).toMatchObject({ nSubjects: 1, training: { ceiling: null } });
    const ceiling = await run('ceiling', 'rdms.npz', '--variable', 'alone', '--json');
    expect(JSON.parse(ceiling.stdout).results[0].ceiling).toBeNull();
    expect(ceiling.stderr).toContain('a noise ceiling needs at least 2 subjects, there is 1');
  });
});

describe.concurrent('images', () => {
  it('two of them have one pair, which cannot be correlated: an error says so', async () => {
    const pair = await studies.drawImages('two', 2);
    await studies.writeArrays('two.npz', { rdm: subjectRdms(2, 3), names: textsOf(pair) });
    await studies.writeArrays('two-features.npz', featureArrays(pair));
    const message = await refusal(
      fitted('two', '{ images: two, rdms: two.npz, variable: rdm }', "{ architecture: 'features:two-features.npz' }"),
    );
    expect(message).toMatch(/at least 3/);
  });

  it('in an empty folder, or a folder of other files, are missed by name', async () => {
    mkdirSync(studies.path('empty'));
    await studies.writeText('notes/readme.txt', 'no images');
    expect(await refusal(fitted('empty', '{ images: empty, rdms: rdms.npz, variable: EVC }'))).toMatch(
      /empty: expected image files .*, the folder is empty$/,
    );
    expect(await refusal(fitted('notes', '{ images: notes, rdms: rdms.npz, variable: EVC }'))).toMatch(
      /notes: expected image files .*, found none among 1 other entry$/,
    );
  });

  it('one that cannot be read in the middle of a thousand is found before the network runs, by name', async () => {
    mkdirSync(studies.path('thousand'));
    for (let k = 1; k <= 1000; k++)
      linkSync(studies.path(`images/${names[k % N]}`), studies.path(`thousand/image_${k}.png`));
    writeFileSync(
      studies.path('thousand/image_500_b.png'),
      readFileSync(studies.path(`images/${names[0]}`)).subarray(0, 300),
    );
    const started = performance.now();
    const message = await refusal(
      run('extract', '--images', 'thousand', '--backbone', 'gabor', '--out', 'thousand.safetensors'),
    );
    expect(message).toMatch(/^error: thousand\/image_500_b\.png: /);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(readdirSync(studies.path('.'))).not.toContain('thousand.safetensors');
  });
});

describe.concurrent('features', () => {
  it('that are the same everywhere in an image are refused by its name', async () => {
    const { fine, ...rest } = featureArrays(names);
    const constant = (values: ArrayLike<number>, n: number) =>
      Float64Array.from(values, (value, at) => (Math.floor(at / n) === 3 ? 1 : value));
    const stages = Object.fromEntries(
      Object.entries({ fine, ...rest }).map(([name, array]) =>
        array.kind === 'numeric'
          ? [name, float64Array(array.shape, constant(array.data as Float64Array, array.data.length / N))]
          : [name, array],
      ),
    );
    await studies.writeArrays('constant.npz', stages);
    const entry = '{ images: images, rdms: rdms.npz, variable: EVC }';
    const message = await refusal(
      run(
        ...(await fitArguments('constant', entry, "{ architecture: 'features:constant.npz' }")),
        '--set',
        'encoder.scale=none',
      ),
    );
    expect(message).toContain(`image ${names[3]}: expected features that vary, got the same masked value everywhere`);
  });

  it('that are all zero are refused', async () => {
    const zeros = Object.fromEntries(
      Object.entries(featureArrays(names)).map(([name, array]) =>
        array.kind === 'numeric' ? [name, float64Array(array.shape)] : [name, array],
      ),
    );
    await studies.writeArrays('zeros.npz', zeros);
    const message = await refusal(
      fitted('zeros', '{ images: images, rdms: rdms.npz, variable: EVC }', "{ architecture: 'features:zeros.npz' }"),
    );
    expect(message).toMatch(/all features of the training images are 0|got the same masked value everywhere/);
  });
});

describe.concurrent('weights', () => {
  it.each([
    ['a file that is no file of weights', 'words.pth', 'hello', /words\.pth/],
    ['a file of other arrays', 'rdms.npz', undefined, /rdms\.npz/],
  ])('%s are refused by path', async (_, file, text, message) => {
    if (text !== undefined) await studies.writeText(file, text);
    const args = [
      'extract',
      '--images',
      'images',
      '--backbone',
      'resnet50',
      '--weights',
      file,
      '--out',
      'w.safetensors',
    ];
    expect(await refusal(run(...args))).toMatch(message);
  });
});

describe('a run', () => {
  it('with an encoder that is cut off or overwritten is refused by path', async () => {
    expect((await fitted('damaged', '{ images: images, rdms: rdms.npz, variable: EVC }')).code).toBe(0);
    const encoder = studies.path('run-damaged/encoder.safetensors');
    const predict = () => refusal(run('predict', 'run-damaged', '--images', 'images', '--out', 'p.npz'));
    const whole = readFileSync(encoder);
    truncateSync(encoder, whole.length - 8);
    expect(await predict()).toMatch(/^error: run-damaged\/encoder\.safetensors/);
    writeFileSync(encoder, Buffer.alloc(whole.length, 0xff));
    expect(await predict()).toMatch(/^error: run-damaged\/encoder\.safetensors/);
    expect(readdirSync(studies.path('.'))).not.toContain('p.npz');
  });
});

async function fitArguments(name: string, entry: string, backbone: string): Promise<string[]> {
  await studies.writeText(`${name}.yaml`, `backbone: ${backbone}\ndata: [${entry}]\ntraining: { epochs: 2 }\n`);
  return ['fit', `${name}.yaml`, '--out', `run-${name}`];
}
