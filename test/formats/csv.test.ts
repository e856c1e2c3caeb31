import { describe, expect, test } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.ts';
import { float64Array, numericArray, type TextArray } from '../../src/formats/array.ts';
import { openCsv } from '../../src/formats/csv.ts';
import { writeCsv } from '../../src/formats/csv-write.ts';
import { bytesSource, memorySink } from '../../src/formats/source.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

interface Table {
  readonly rows: readonly string[] | null;
  readonly columns: readonly string[] | null;
  readonly data: readonly (readonly number[])[];
}

async function read(content: string | Uint8Array): Promise<Table> {
  const file = await openCsv(bytesSource('x.csv', typeof content === 'string' ? bytesOf(content) : content));
  const names = async (name: string) =>
    file.entries.some((entry) => entry.name === name) ? ((await file.read(name)) as TextArray).data : null;
  const value = await file.read('data');
  if (value.kind !== 'numeric' || value.shape.length !== 2) throw new Error('expected a matrix');
  const [nRows, nColumns] = value.shape;
  const numbers = Array.from(value.data as Float64Array);
  const data = Array.from({ length: nRows }, (_, k) => numbers.slice(k * nColumns, (k + 1) * nColumns));
  return { rows: await names('rows'), columns: await names('columns'), data };
}

const square = [
  [0, 0.5],
  [0.5, 0],
];
const pictures = ['a.jpg', 'b.jpg'];

describe('what people and programs write is read', () => {
  const cases: readonly [string, string, Table][] = [
    ['numbers alone', '0,0.5\n0.5,0\n', { rows: null, columns: null, data: square }],
    ['no newline at the end', '0,0.5\n0.5,0', { rows: null, columns: null, data: square }],
    ['CRLF, a BOM and blank lines', '\ufeff\r\n0,0.5\r\n\r\n0.5,0\r\n', { rows: null, columns: null, data: square }],
    ['semicolons', '0;0.5\n0.5;0\n', { rows: null, columns: null, data: square }],
    ['tabs', '0\t0.5\n0.5\t0\n', { rows: null, columns: null, data: square }],
    [
      'blanks, as numpy.savetxt',
      '# note, with a comma\n  0.0e+00 5.0e-01\n5.0e-01   0\n',
      { rows: null, columns: null, data: square },
    ],
    ['blanks around cells', ' 0 , 0.5\n0.5 ,0\n', { rows: null, columns: null, data: square }],
    [
      'names in the first row and column',
      ',a.jpg,b.jpg\na.jpg,0,0.5\nb.jpg,0.5,0\n',
      { rows: pictures, columns: pictures, data: square },
    ],
    [
      'a named corner',
      'name,a.jpg,b.jpg\na.jpg,0,0.5\nb.jpg,0.5,0\n',
      { rows: pictures, columns: pictures, data: square },
    ],
    ['a header alone', 'a.jpg,b.jpg\n0,0.5\n0.5,0\n', { rows: null, columns: pictures, data: square }],
    ['a first column alone', 'a.jpg,0,0.5\nb.jpg,0.5,0\n', { rows: pictures, columns: null, data: square }],
    [
      "R's header, one cell short",
      'a.jpg b.jpg\na.jpg 0 0.5\nb.jpg 0.5 0\n'.replaceAll(' ', ','),
      { rows: pictures, columns: pictures, data: square },
    ],
    [
      "pandas' numbered rows and columns",
      ',0,1\n0,0,0.5\n1,0.5,0\n',
      { rows: ['0', '1'], columns: ['0', '1'], data: square },
    ],
    [
      "pandas' numbered rows under names",
      ',a.jpg,b.jpg\n0,0,0.5\n1,0.5,0\n',
      { rows: ['0', '1'], columns: pictures, data: square },
    ],
    [
      'numbers as names, told by a corner with a word',
      'image,17,23\n17,0,0.5\n23,0.5,0\n',
      { rows: ['17', '23'], columns: ['17', '23'], data: square },
    ],
    [
      'quotes, with delimiters, quotes and newlines in them',
      '"x","a,b","c ""d""\ne"\n"p",0,0.5\n"q",0.5,0\n',
      { rows: ['p', 'q'], columns: ['a,b', 'c "d"\ne'], data: square },
    ],
    ['quoted numbers', '"0","0.5"\n"0.5","0"\n', { rows: null, columns: null, data: square }],
    ['one number', '7\n', { rows: null, columns: null, data: [[7]] }],
    ['one row', '1,2,3\n', { rows: null, columns: null, data: [[1, 2, 3]] }],
    ['one named row', 'a,1,2\n', { rows: ['a'], columns: null, data: [[1, 2]] }],
    ['one column', '1\n2\n', { rows: null, columns: null, data: [[1], [2]] }],
    ['one headed column', 'value\n1\n2\n', { rows: null, columns: ['value'], data: [[1], [2]] }],
    [
      'all spellings of numbers',
      '+1,-.5,1.,1e3,1E-3\n0,inf,-Inf,-0,Infinity\n',
      {
        rows: null,
        columns: null,
        data: [
          [1, -0.5, 1, 1000, 0.001],
          [0, Infinity, -Infinity, -0, Infinity],
        ],
      },
    ],
    [
      'missing values',
      'nan,NA,2\n,NaN,n/a\n',
      {
        rows: null,
        columns: null,
        data: [
          [NaN, NaN, 2],
          [NaN, NaN, NaN],
        ],
      },
    ],
    [
      'an empty diagonal is missing values, not an empty corner of names',
      ',1,2\n1,,3\n2,3,\n',
      {
        rows: null,
        columns: null,
        data: [
          [NaN, 1, 2],
          [1, NaN, 3],
          [2, 3, NaN],
        ],
      },
    ],
  ];
  test.each(cases)('%s', async (_, content, table) => {
    expect(await read(content)).toEqual(table);
  });

  test("Excel's UTF-16, and names in windows-1252", async () => {
    const utf16 = Uint8Array.from([0xff, 0xfe, ...Array.from('ä\tb\n1\t2\n').flatMap((c) => [c.charCodeAt(0), 0])]);
    expect(await read(utf16)).toEqual({ rows: null, columns: ['ä', 'b'], data: [[1, 2]] });
    const old = Uint8Array.from(Array.from('ä,b\n1,2\n'), (c) => c.charCodeAt(0));
    expect(await read(old)).toEqual({ rows: null, columns: ['ä', 'b'], data: [[1, 2]] });
  });
});

describe('what is no table of numbers is refused, with row and column', () => {
  test.each([
    ['a word among numbers', '1,2,3\n4,five,6\n', 'x.csv, row 2, column 2: expected a number, got "five"'],
    [
      'a word among numbers of the first row',
      '1,2,three,4\n4,5,6,7\n',
      'x.csv, row 1, column 3: expected a number, got "three"',
    ],
    ['beneath a header and a note', '# note\na,b\n1,2\n\n3,x\n', 'x.csv, row 5, column 2: expected a number, got "x"'],
    ['beneath quotes with newlines', '"a\nb",c\n1,2\n3,x\n', 'x.csv, row 4, column 2'],
    ['a row that is too short', '1,2,3\n4,5\n', 'x.csv, row 2: expected 3 cells, got 2'],
    ['a row that is too long', 'a,b\n1,2\n1,2,3\n', 'x.csv, row 3: expected 2 cells, got 3'],
    ['decimal commas', '1,5;2,5\n3,5;4\n', 'write decimal points instead of commas'],
    ['a quote that does not end', '1,2\n"3,4\n', 'x.csv, csv:'],
    ['hexadecimal', '1,0x10\n', 'got "0x10"'],
    ['nothing but blank lines', '\n \n', 'there are no rows in it'],
    ['bytes', '1,2\0\n', 'expected text, got a zero byte'],
  ])('%s', async (_, content, message) => {
    const reading = read(content);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('tables that only cost time and memory are answered within 5 s', () => {
  const within = async (content: string) => {
    const started = performance.now();
    const result = await read(content).catch((error: unknown) => error);
    expect(performance.now() - started).toBeLessThan(5000);
    return result;
  };

  test.each([
    ['blank', '\n'],
    ['noted', '#\n'],
    ['carriage-returned', '\r\n'],
  ])('ten million %s lines before the table', async (_, line) => {
    const lines = line.repeat(10_000_000);
    expect(await within(`${lines}0,0.5\n0.5,0`)).toEqual({ rows: null, columns: null, data: square });
    expect(String(await within(lines))).toContain('there are no rows in it');
    expect(String(await within(`${lines}1,2\n3,x`))).toContain('x.csv, row 10000002, column 2');
  });

  test('one note of 50 MB', async () => {
    expect(await within(`# ${'x'.repeat(50_000_000)}\n0,0.5\n0.5,0`)).toMatchObject({ data: square });
  });

  test.each([
    ['commas', '1,2\n', ','],
    ['semicolons beneath a quote', '"a";"b"\n', ';'],
    ['numbers between blanks', '1 2\n', '1  '],
  ])('a row of %s is refused from 2^20 + 1 cells on', async (_, first, piece) => {
    const error = await within(first + piece.repeat(30_000_000));
    expect(error).toBeInstanceOf(FormatError);
    expect(String(error)).toContain('x.csv, row 2: expected at most 1048576 cells, got more');
  });

  test('a row of 2^20 cells is read', async () => {
    const { data } = (await within(`${'1,'.repeat(2 ** 20 - 1)}2`)) as Table;
    expect(data).toMatchObject([{ length: 2 ** 20, [2 ** 20 - 1]: 2 }]);
  });
});

describe('writing', () => {
  const write = async (...[array, names]: [Parameters<typeof writeCsv>[1], Parameters<typeof writeCsv>[2]?]) => {
    const sink = memorySink();
    const length = await writeCsv(sink, array, names);
    expect(length).toBe(sink.bytes().length);
    return new TextDecoder().decode(sink.bytes());
  };

  test('numbers take their shortest form that reads back the same, with the names of numpy', async () => {
    const numbers = [0.1, 1 / 3, -0, 1e300, 5e-324, Number.NaN, Infinity, -Infinity];
    expect(await write(float64Array([2, 4], numbers))).toBe('0.1,0.3333333333333333,-0,1e+300\n5e-324,nan,inf,-inf\n');
  });

  test('64-bit integers keep all their digits', async () => {
    expect(await write(numericArray('int64', [1, 1], BigInt64Array.of(2n ** 62n + 1n)))).toBe('4611686018427387905\n');
  });

  test('a vector becomes a column, a scalar one cell', async () => {
    expect(await write(float64Array([2], [1, 2]))).toBe('1\n2\n');
    expect(await write(float64Array([], [1]))).toBe('1\n');
  });

  test.each([
    ['pictures', pictures],
    ['numbers as names', ['1', '2']],
    ['delimiters, quotes, newlines, blanks, nothing and notes', ['a,b;"c"\n', ' d ']],
    ['notes and empty names', ['# e', '']],
  ])('a matrix with names reads back with them: %s', async (_, names) => {
    const content = await write(float64Array([2, 2], square.flat()), { rows: names, columns: names });
    expect(await read(content)).toEqual({ rows: names, columns: names, data: square });
  });

  test('names of columns or rows alone', async () => {
    const matrix = float64Array([2, 2], square.flat());
    expect(await read(await write(matrix, { columns: pictures }))).toEqual({
      rows: null,
      columns: pictures,
      data: square,
    });
    expect(await read(await write(matrix, { rows: pictures }))).toEqual({
      rows: pictures,
      columns: null,
      data: square,
    });
  });

  test('thousands of lines are written in pieces', async () => {
    const matrix = float64Array(
      [3000, 2],
      Array.from({ length: 6000 }, (_, k) => k / 7),
    );
    const { data } = await read(await write(matrix));
    expect(data.flat()).toEqual(Array.from(matrix.data as Float64Array));
  });

  test('what has no place in a table is refused', async () => {
    await expect(write(float64Array([1, 1, 1], [0]))).rejects.toThrow(UsageError);
    await expect(write(numericArray('complex64', [1, 1], new Float32Array(2)))).rejects.toThrow(UsageError);
    await expect(write(float64Array([2, 2]), { rows: ['a'] })).rejects.toThrow(ShapeError);
    await expect(write(float64Array([2, 2]), { columns: ['1', '2'] })).rejects.toThrow(/would be read as numbers/);
  });
});
