import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { numericArray } from '../../src/formats/array.ts';
import { writeHdf5 } from '../../src/formats/hdf5-write.ts';
import { openFile } from '../../src/formats/open.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';
import { rdmVariables, readRdmStack } from '../../src/study/rdms/targets.ts';
import golden from '../golden/rsatoolbox-files/expected.json' with { type: 'json' };
import { arrayOf, type Nested, openedFileOf, squareRdm, textFile, textsOf, upperTriangle } from './memory-files.ts';

const subjects = [1, 2, 3].map((seed) => squareRdm(4, seed));

describe('readRdmStack reads', () => {
  it('n x n as one subject', async () => {
    const { stack, notices } = await read(subjects[0]);
    expect(stack).toMatchObject({ nConditions: 4, nSubjects: 1, nTimes: 1, conditions: null });
    expect([...stack.values]).toEqual(upperTriangle(subjects[0]));
    expect(notices).toEqual([]);
  });

  it('subjects x n x n', async () => {
    const { stack } = await read(subjects);
    expect(stack).toMatchObject({ nConditions: 4, nSubjects: 3, nTimes: 1 });
    expect([...stack.values]).toEqual(subjects.flatMap(upperTriangle));
  });

  it('subjects x times x n x n', async () => {
    const { stack } = await read([subjects, [...subjects].reverse()]);
    expect(stack).toMatchObject({ nConditions: 4, nSubjects: 2, nTimes: 3 });
    expect([...stack.values]).toEqual([...subjects, ...[...subjects].reverse()].flatMap(upperTriangle));
  });

  it.each([
    ['n (n - 1) / 2', upperTriangle(subjects[0]), 1],
    ['1 x n (n - 1) / 2, as MATLAB has vectors', [upperTriangle(subjects[0])], 1],
    ['n (n - 1) / 2 x 1', upperTriangle(subjects[0]).map((value) => [value]), 1],
    ['subjects x n (n - 1) / 2', subjects.map(upperTriangle), 3],
  ])('condensed %s, and says so', async (_, values, nSubjects) => {
    const { stack, notices } = await read(values);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(
      nSubjects === 1
        ? /^rdms.npz, rdm: \S.* is read as the condensed RDM of 4 conditions \(pairs i < j\)$/
        : /^rdms.npz, rdm: 3 x 6 is read as 3 subjects' condensed RDMs of 4 conditions \(pairs i < j\)$/,
    );
    expect(stack).toMatchObject({ nConditions: 4, nSubjects, nTimes: 1 });
    expect([...stack.values]).toEqual([values].flat(2));
  });

  it('n x n x subjects, as MATLAB users stack them, and says so', async () => {
    const { stack, notices } = await read(lastAxis(subjects));
    expect(stack).toMatchObject({ nConditions: 4, nSubjects: 3 });
    expect([...stack.values]).toEqual(subjects.flatMap(upperTriangle));
    expect(notices).toEqual([
      'rdms.npz, rdm: 4 x 4 x 3 is read as 3 subjects on the last axis, since the first two are the square ones',
    ]);
  });

  it('n x n x n by the axes that are symmetric', async () => {
    const four = [1, 2, 3, 4].map((seed) => squareRdm(4, seed));
    const first = await read(four);
    const last = await read(lastAxis(four));
    expect([...last.stack.values]).toEqual([...first.stack.values]);
    expect(first.notices).toEqual([]);
    expect(last.notices).toHaveLength(1);
  });

  it('whole numbers and 0 and 1 as dissimilarities', async () => {
    const data = new Uint8Array([0, 1, 1, 1, 0, 0, 1, 0, 0]);
    for (const dtype of ['uint8', 'bool'] as const) {
      const file = await openedFileOf('model.npz', { model: numericArray(dtype, [3, 3], data) });
      expect([...(await readRdmStack(file, { path: 'model.npz' })).values]).toEqual([1, 1, 0]);
    }
  });

  it.each(['npy', 'npz', 'mat', 'csv', 'safetensors'])('a square from .%s', async (ending) => {
    const file = await openedFileOf(`a.${ending}`, { rdm: arrayOf(subjects[0]) });
    expect([...(await readRdmStack(file, { path: 'a' })).values]).toEqual(upperTriangle(subjects[0]));
  });
});

describe('readRdmStack takes names', () => {
  const names = ['cat', 'dog', 'car', 'sky'];

  it.each(['npz', 'mat', 'csv', 'safetensors'])('from .%s', async (ending) => {
    const file = await openedFileOf(`a.${ending}`, { rdm: arrayOf(subjects[0]), names: textsOf(names) });
    expect((await readRdmStack(file, { path: 'a' })).conditions).toEqual(names);
  });

  it('from the header alone of a .csv', async () => {
    const rows = squareRdm(3).map((row) => row.join(','));
    expect((await readText(['cat,dog,car', ...rows])).conditions).toEqual(['cat', 'dog', 'car']);
  });

  it('but not row numbers that a table was given for want of names', async () => {
    const rows = squareRdm(3).map((row, k) => [k, ...row].join(','));
    expect((await readText([',0,1,2', ...rows])).conditions).toBeNull();
  });

  it('of rows and columns that agree, else naming the first that does not', async () => {
    const rows = squareRdm(3).map((row, k) => [['cat', 'dog', 'car'][k], ...row].join(','));
    await expect(readText([',cat,car,dog', ...rows])).rejects.toThrow(/row 2 is named "dog" and column 2 "car"/);
  });

  it('of the right number', async () => {
    const file = await openedFileOf('a.npz', { rdm: arrayOf(subjects[0]), names: textsOf(['cat', 'dog']) });
    await expect(readRdmStack(file, { path: 'a.npz' })).rejects.toThrow(
      'a.npz, names: expected 4 names, one a row, got 2',
    );
  });

  it('that are texts', async () => {
    const file = await openedFileOf('a.npz', { rdm: arrayOf(subjects[0]), names: arrayOf([1, 2, 3, 4]) });
    await expect(readRdmStack(file, { path: 'a.npz' })).rejects.toThrow(/names: expected a list of texts/);
  });

  it.each(['[1, 2]', '{"a": 1}', 'cat, dog'])('as a JSON array of strings, not %s', async (json) => {
    const { fileOf } = await import('./memory-files.ts');
    const file = await openFile(await fileOf('a.safetensors', { rdm: arrayOf(subjects[0]) }, { names: json }));
    await expect(readRdmStack(file, { path: 'a.safetensors' })).rejects.toThrow(FormatError);
  });
});

describe('readRdmStack chooses', () => {
  const arrays = { EVC: arrayOf(subjects), IT: arrayOf(subjects), labels: arrayOf([1, 2, 3]) };

  it('the variable named', async () => {
    const file = await openedFileOf('a.mat', { EVC: arrayOf(subjects[0]), IT: arrayOf(subjects[1]) });
    const { values } = await readRdmStack(file, { path: 'a.mat', variable: 'IT' });
    expect([...values]).toEqual(upperTriangle(subjects[1]));
  });

  it('no other where that is not there, and lists what is', async () => {
    const file = await openedFileOf('a.npz', arrays);
    await expect(readRdmStack(file, { path: 'a.npz', variable: 'evc' })).rejects.toThrow(
      new UsageError('a.npz: there is no variable evc, there is: EVC, IT, labels'),
    );
  });

  it('none of several', async () => {
    const file = await openedFileOf('a.npz', arrays);
    await expect(readRdmStack(file, { path: 'a.npz' })).rejects.toThrow(
      new UsageError('a.npz: several variables can be RDMs: EVC, IT; name one of them'),
    );
  });

  it('square arrays over vectors that happen to have n (n - 1) / 2 numbers, and passes over text and names', async () => {
    const file = await openedFileOf('a.npz', {
      names: textsOf(['a', 'b', 'c', 'd']),
      labels: arrayOf([1, 2, 3]),
      rdm: arrayOf(subjects),
      comment: textsOf(['made', 'by', 'hand']),
    });
    expect(rdmVariables(file, 'a.npz')).toEqual(['rdm']);
    expect((await readRdmStack(file, { path: 'a.npz' })).nSubjects).toBe(3);
  });

  it('nothing from a file without RDMs, and shows what it holds', async () => {
    const file = await openedFileOf('a.npz', {
      features: arrayOf(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ].map((row) => [...row, 1, 2, 3]),
      ),
    });
    await expect(readRdmStack(file, { path: 'a.npz' })).rejects.toThrow(
      /a\.npz: expected RDMs: .*; got features \(float64 3 x 5\)/,
    );
  });

  it('no complex numbers and no text', async () => {
    const complex = numericArray('complex128', [2, 2], new Float64Array(8));
    const file = await openedFileOf('a.npz', { z: complex, text: textsOf(['a']) });
    await expect(readRdmStack(file, { path: 'a.npz', variable: 'z' })).rejects.toThrow(
      /expected real numbers, got complex128/,
    );
    await expect(readRdmStack(file, { path: 'a.npz', variable: 'text' })).rejects.toThrow(
      /expected real numbers, got text/,
    );
  });
});

describe('readRdmStack refuses', () => {
  it.each([
    ['a matrix that is not square', [4, 5], /expected n x n, .*got 4 x 5/],
    ['a stack of matrices that are not square', [3, 4, 5], /got 3 x 4 x 5/],
    ['a vector of no n (n - 1) / 2 numbers', [5], /got 5$/],
    ['a single condition', [1, 1], /got 1 x 1/],
    ['a stack of nothing', [0, 4, 4], /got 0 x 4 x 4/],
    ['five axes', [1, 1, 1, 4, 4], /got 1 x 1 x 1 x 4 x 4/],
    ['n x n x two more axes, which could be either', [4, 4, 3, 2], /subjects x times x n x n \(MATLAB: permute/],
    ['pairs x subjects', [10, 3], /the 10 pairs of 5 conditions by 3 subjects; transpose it/],
  ])('%s', async (_, shape, message) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const file = await openedFileOf('a.npz', { rdm: numericArray('float64', shape, new Float64Array(size)) });
    await expect(readRdmStack(file, { path: 'a.npz', variable: 'rdm' })).rejects.toThrow(message);
    await expect(readRdmStack(file, { path: 'a.npz', variable: 'rdm' })).rejects.toThrow(FormatError);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('%s, naming subject, row and column', async (bad) => {
    const broken = changed(subjects, 1, 2, 3, bad);
    await expect(read(broken)).rejects.toThrow(
      new FormatError(
        'rdms.npz',
        `expected a finite dissimilarity, got ${bad}; leave the condition or the subject out`,
        'rdm, subject 2 of 3, row 3, column 4 (counting from 1)',
      ),
    );
    await expect(read([broken])).rejects.toThrow(/rdm, time 2 of 3, row 3, column 4/);
    await expect(read([broken, broken])).rejects.toThrow(/rdm, subject 1 of 2, time 2 of 3, row 3, column 4/);
    await expect(read(broken.map(upperTriangle))).rejects.toThrow(/rdm, subject 2 of 3, row 3, column 4/);
  });

  it('NaN on the diagonal, and says to set it to 0', async () => {
    await expect(read(changed(subjects, 1, 2, 2, Number.NaN))).rejects.toThrow(
      new FormatError(
        'rdms.npz',
        'expected 0, got NaN; set the diagonal to 0',
        'rdm, subject 2 of 3, row 3, column 3 (counting from 1)',
      ),
    );
  });

  it('an infinite diagonal', async () => {
    await expect(read(changed(subjects, 0, 1, 1, Number.POSITIVE_INFINITY))).rejects.toThrow(
      /subject 1 of 3, row 2, column 2/,
    );
  });

  it('asymmetry of more than 1e-6 of the largest value, naming both values', async () => {
    const value = subjects[2][3][1];
    await expect(read(changed(subjects, 2, 3, 1, value + 1e-5))).rejects.toThrow(
      /rdm, subject 3 of 3, row 2, column 4 .*: expected the same value as in row 4, column 2/,
    );
  });

  it('a diagonal of more than 1e-6 of the largest value', async () => {
    await expect(read(changed(subjects, 1, 2, 2, 1e-4))).rejects.toThrow(
      /rdm, subject 2 of 3, row 3, column 3 .*: expected 0, got 0\.0001/,
    );
  });

  it('similarities, and says what to save instead', async () => {
    const similarities = subjects[0].map((row) => row.map((value) => 1 - value / 2));
    await expect(read(similarities)).rejects.toThrow(/zeros on the diagonal, got ones.*save 1 - x instead/);
  });

  it('names conditions by name where the file has names', async () => {
    const file = await openedFileOf('a.npz', {
      rdm: arrayOf(changed(subjects, 1, 0, 3, Number.NaN)),
      names: textsOf(['cat', 'dog', 'car', 'sky']),
    });
    await expect(readRdmStack(file, { path: 'a.npz' })).rejects.toThrow(/row 1 \("cat"\), column 4 \("sky"\)/);
  });
});

describe('readRdmStack mends and says', () => {
  it('asymmetries of up to 1e-6 of the largest value: their mean is taken', async () => {
    const value = subjects[0][1][0];
    const { stack, notices } = await read(changed(subjects, 0, 1, 0, value + 1e-8));
    expect(stack.values[0]).toBeCloseTo(value + 5e-9, 14);
    expect(notices).toEqual([
      'rdms.npz, rdm: values above and below the diagonal differ by up to 1.0e-8 and were averaged',
    ]);
  });

  it('asymmetries of rounding, which are mended without a word', async () => {
    const value = subjects[0][1][0];
    const { stack, notices } = await read(changed(subjects, 0, 1, 0, value * (1 + 4e-16)));
    expect(stack.values[0]).toBeCloseTo(value, 14);
    expect(notices).toEqual([]);
    const largest = Math.max(...subjects[0].flat());
    expect((await read(changed(subjects, 0, 1, 0, value + 3e-12 * largest))).notices).toHaveLength(1);
  });

  it('a diagonal of up to 1e-6 of the largest value', async () => {
    const { stack, notices } = await read(changed(subjects, 0, 1, 1, -2.2e-16));
    expect([...stack.values]).toEqual(subjects.flatMap(upperTriangle));
    expect(notices).toEqual(['rdms.npz, rdm: diagonal values of up to 2.2e-16 were set to zero']);
  });

  it('nothing of an RDM of zeros', async () => {
    const { stack, notices } = await read(subjects[0].map((row) => row.map(() => 0)));
    expect([...stack.values]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(notices).toEqual([]);
  });
});

async function read(values: Nested) {
  const notices: string[] = [];
  const file = await openedFileOf('rdms.npz', { rdm: arrayOf(values) });
  const stack = await readRdmStack(file, { path: 'rdms.npz', onNotice: (notice) => notices.push(notice) });
  return { stack, notices };
}

async function readText(lines: readonly string[]) {
  return readRdmStack(await openFile(textFile('rdm.csv', lines.join('\n'))), { path: 'rdm.csv' });
}

function changed(stack: readonly number[][][], subject: number, row: number, column: number, value: number) {
  const copy = stack.map((square) => square.map((values) => [...values]));
  copy[subject][row][column] = value;
  return copy;
}

function lastAxis(stack: readonly number[][][]): number[][][] {
  return stack[0].map((row, i) => row.map((_, j) => stack.map((square) => square[i][j])));
}

describe('files that rsatoolbox saved', () => {
  const folder = new URL('../golden/rsatoolbox-files/', import.meta.url);
  const readGolden = async (name: keyof Omit<typeof golden, 'by'>) => {
    const file = await openFile(bytesSource(name, readFileSync(new URL(name, folder))));
    const notices: string[] = [];
    const stack = await readRdmStack(file, { path: name, onNotice: (notice) => notices.push(notice) });
    expect([...stack.values]).toEqual(golden[name].dissimilarities.values.flat());
    return { file, stack, notices };
  };

  it('are read as their RDMs, each a subject, with the names of their patterns, and never as an index of these', async () => {
    const { file, stack, notices } = await readGolden('export.h5');
    expect(rdmVariables(file, 'export.h5')).toEqual(['dissimilarities']);
    expect(stack).toMatchObject({ nConditions: 6, nSubjects: 3, nTimes: 1 });
    expect(stack.conditions).toEqual(golden['export.h5']['pattern_descriptors/name'].values);
    expect(notices).toEqual([
      "export.h5, dissimilarities: 3 x 15 is read as 3 subjects' condensed RDMs of 6 conditions (pairs i < j)",
    ]);
  });

  it('are RDMs x pairs where that many numbers could be a square or pairs x subjects, and named by what tells patterns apart', async () => {
    const { stack } = await readGolden('subjects.hdf5');
    expect(stack).toMatchObject({ nConditions: 3, nSubjects: 3 });
    expect(stack.conditions).toEqual(golden['subjects.hdf5']['pattern_descriptors/stimulus'].values);
    expect((await readGolden('many.h5')).stack).toMatchObject({ nConditions: 3, nSubjects: 15, conditions: null });
  });

  it('are named by the descriptor of a usual name where several tell patterns apart, by none where no name is usual', async () => {
    const texts = (data: readonly string[]) => ({ kind: 'text' as const, shape: [3], data });
    const conditionsWith = async (datasets: Record<string, ReturnType<typeof texts>>) => {
      const sink = memorySink();
      await writeHdf5(sink, {
        datasets: { dissimilarities: arrayOf([[1, 2, 3]]) },
        groups: { pattern_descriptors: { datasets } },
      });
      const file = await openFile(bytesSource('some.h5', sink.bytes()));
      return (await readRdmStack(file, { path: 'some.h5' })).conditions;
    };
    const [a, b] = [texts(['a', 'b', 'c']), texts(['x', 'y', 'z'])];
    expect(await conditionsWith({ alias: a, conds: b })).toEqual(b.data);
    expect(await conditionsWith({ alias: a, type: texts(['t', 't', 'u']) })).toEqual(a.data);
    expect(await conditionsWith({ alias: a, other: b })).toBeNull();
  });
});
