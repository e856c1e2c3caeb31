import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { readStudyImages } from '../../src/study/study-images.ts';
import { subjectRdms, type TestStudies, testStudies } from './environment.ts';

const N = 4;
let studies: TestStudies;
let names: string[];

beforeAll(async () => {
  studies = await testStudies();
  names = await studies.drawImages('images', N);
  await studies.writeArrays('rdms.npz', { EVC: subjectRdms(N, 3) });
});

/** Labels of a data set whose images stand in another order than their names do. */
async function labelsOf(rows: readonly string[], header = 'name,category'): Promise<readonly string[] | null> {
  await studies.writeText('labels.csv', [header, ...rows, ''].join('\n'));
  await studies.writeText('order.csv', [...names].reverse().join('\n'));
  const entry = { images: 'images', rdms: 'rdms.npz', order: 'order.csv', labels: 'labels.csv' };
  const { data } = studies.study({ data: [entry] });
  const [{ labels, stimuli }] = await readStudyImages(data, studies.environment);
  expect(stimuli.map(({ name }) => name)).toEqual([...names].reverse());
  return labels;
}
const rowsOf = (categories: string) => [...categories].map((category, k) => `${names[k]},${category}`);

describe("a data set's labels", () => {
  it('go to the images of their names, in the order of the RDMs, whatever the order of the file', async () => {
    expect(await labelsOf(rowsOf('abcd'))).toEqual(['d', 'c', 'b', 'a']);
    expect(await labelsOf(rowsOf('abcd').reverse())).toEqual(['d', 'c', 'b', 'a']);
  });

  it('may name images without their endings, and others that the data set does not show', async () => {
    const rows = rowsOf('aabb').map((row) => row.replace('.png', ''));
    expect(await labelsOf(['other.png,z', ...rows, 'more.png,z'])).toEqual(['b', 'b', 'a', 'a']);
  });

  it('are null where the data set names none', async () => {
    const { data } = studies.study({ data: [{ images: 'images', rdms: 'rdms.npz' }] });
    expect((await readStudyImages(data, studies.environment))[0].labels).toBeNull();
  });

  it('that leave an image out, name it twice, or name no image are refused with the image', async () => {
    const missing = labelsOf(rowsOf('abc'));
    await expect(missing).rejects.toThrow(FormatError);
    await expect(missing).rejects.toThrow(
      new RegExp(`labels\\.csv: expected a category for each image, got none for ${names[3]}; add a row for it$`),
    );
    const twice = labelsOf([...rowsOf('abcd'), `${names[1]},z`]);
    await expect(twice).rejects.toThrow(UsageError);
    await expect(twice).rejects.toThrow(new RegExp(`${names[1]} is listed twice`));
    await expect(labelsOf(['other.png,a'])).rejects.toThrow(
      /expected the names of images with their categories \(\S+ \.\.\.\), got no such name in its 1 rows, the first is other\.png$/,
    );
  });
});
