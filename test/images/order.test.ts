import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { positionsInOrder } from '../../src/images/order.ts';

const names = ['cat.jpg', 'cat.png', 'dog.jpg', 'house.final.png', 'tree_1.jpg', 'tree_2.jpg'];

describe('positionsInOrder', () => {
  it('gives the permutation of names with or without endings', () => {
    expect(positionsInOrder(names, ['tree_2', 'dog.jpg', 'house.final', 'cat.png'])).toEqual([5, 2, 3, 1]);
  });

  it('looks past folders, blanks and the way an accent is written', () => {
    expect(positionsInOrder(['cafe\u0301.jpg', 'x.jpg'], ['stimuli/x.jpg', ' caf\u00e9 '])).toEqual([1, 0]);
    expect(positionsInOrder(['x.jpg'], ['C:\\stimuli\\x.jpg'])).toEqual([0]);
  });

  it('takes a name without ending for the file of exactly that name', () => {
    expect(positionsInOrder(['a.b', 'a.b.jpg'], ['a.b', 'a.b.jpg'])).toEqual([0, 1]);
  });

  it('names the row and the closest image of a name that no image has', () => {
    expect(() => positionsInOrder(names, ['dog', 'tre_2.jpg'], 'names.csv')).toThrow(
      new UsageError('names.csv, row 2: no image is called tre_2.jpg; the closest is tree_2.jpg'),
    );
    expect(() => positionsInOrder(names, ['zzzzzzzzzz'], 'names.csv')).toThrow('the folder has 6 images');
  });

  it('refuses a name that two images share without their endings', () => {
    expect(() => positionsInOrder(names, ['cat'])).toThrow(
      'cat may be cat.jpg or cat.png; write the name with its ending',
    );
  });

  it('refuses an image that is listed twice, under whatever name', () => {
    expect(() => positionsInOrder(names, ['dog', 'tree_1', 'dog.jpg'])).toThrow(
      'row 3: dog.jpg is listed twice, first in row 1',
    );
  });

  it('refuses an empty list', () => {
    expect(() => positionsInOrder(names, [], 'names.csv')).toThrow('names.csv: expected the names of images');
  });
});
