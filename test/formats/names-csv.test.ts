import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.ts';
import { readCategories, readNames } from '../../src/formats/names-csv.ts';
import { bytesSource } from '../../src/formats/source.ts';

const namesOf = (text: string | Uint8Array) =>
  readNames(bytesSource('names.csv', typeof text === 'string' ? new TextEncoder().encode(text) : text));

describe('a list of names', () => {
  it('is one name a row', async () => {
    expect(await namesOf('b.jpg\na.jpg\n')).toEqual(['b.jpg', 'a.jpg']);
  });

  it('may have a header, by which the column is known', async () => {
    expect(await namesOf('row,image\n1,b.jpg\n2,a.jpg\n')).toEqual(['b.jpg', 'a.jpg']);
    expect(await namesOf('Name\nb\na\n')).toEqual(['b', 'a']);
  });

  it('without a header is the first column', async () => {
    expect(await namesOf('b.jpg,face\na.jpg,house\n')).toEqual(['b.jpg', 'a.jpg']);
  });

  it('may come from a spreadsheet: byte order mark, CRLF, semicolons, tabs, quotes, empty lines', async () => {
    expect(await namesOf('\uFEFFimage;x\r\n"b 1.jpg";2\r\n\r\na.jpg;3\r\n')).toEqual(['b 1.jpg', 'a.jpg']);
    expect(await namesOf('b.jpg\t1\na.jpg\t2\n')).toEqual(['b.jpg', 'a.jpg']);
  });

  it('that is empty, binary or has a row without a name is a FormatError with its place', async () => {
    await expect(namesOf('')).rejects.toThrow(FormatError);
    await expect(namesOf(new Uint8Array([0xff, 0xfe, 0x00, 0xd8]))).rejects.toThrow(FormatError);
    await expect(namesOf('image,x\na.jpg,1\n,2\n')).rejects.toThrow('names.csv, row 3');
  });
});

const categoriesOf = (text: string) => readCategories(bytesSource('labels.csv', new TextEncoder().encode(text)));

describe('a list of categories', () => {
  it('has a name and a category a row, by their headers in any order or else the first two columns', async () => {
    const expected = [
      { name: 'a.jpg', category: 'face' },
      { name: 'b.jpg', category: 'house' },
    ];
    expect(await categoriesOf('name,category\na.jpg,face\nb.jpg,house\n')).toEqual(expected);
    expect(await categoriesOf('Label;row;image\nface;1;a.jpg\n\nhouse;2;b.jpg\n')).toEqual(expected);
    expect(await categoriesOf('a.jpg\tface\nb.jpg\thouse\n')).toEqual(expected);
  });

  it('with a row that lacks its category is a FormatError with its place', async () => {
    await expect(categoriesOf('name,category\na.jpg,face\nb.jpg\n')).rejects.toThrow(
      /labels\.csv, row 3: expected a category, got an empty cell$/,
    );
    await expect(categoriesOf('a.jpg\n')).rejects.toThrow(/row 1: expected a category/);
    await expect(categoriesOf('')).rejects.toThrow(FormatError);
  });
});
