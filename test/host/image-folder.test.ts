import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.ts';
import { decodeImage } from '../../src/host/decode.ts';
import { checkedTogether, checkImageFile, listImages } from '../../src/host/image-folder.ts';
import { fixture, fixturePath } from '../images/golden.ts';
import { temporaryFolder } from './temporary-folder.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, source] of Object.entries(files)) copyFileSync(fixturePath(source), join(folder, name));
  return folder;
}

describe('listImages', () => {
  it('gives the images in natural order, named by their files, with their bytes and pixels', async () => {
    const folder = folderOf({ 'image_10.jpg': 'gray.jpg', 'image_2.PNG': 'rgb.png', 'image_2.bmp': 'rgb.bmp' });
    const images = await listImages(folder);
    expect(images.map(({ name }) => name)).toEqual(['image_2.PNG', 'image_2.bmp', 'image_10.jpg']);
    expect(new Uint8Array(await images[0].bytes())).toEqual(fixture('rgb.png'));
    expect(await images[0].decode()).toEqual(await decodeImage(fixture('rgb.png'), 'rgb.png'));
  });

  it('passes over hidden files in silence and says how many other entries it left out', async () => {
    const folder = folderOf({ 'a.jpg': 'rgb.jpg', '.hidden.jpg': 'rgb.jpg', 'notes.txt': 'rgb.jpg' });
    mkdirSync(join(folder, 'folder.jpg'));
    const notices: string[] = [];
    const images = await listImages(folder, { onNotice: (notice) => notices.push(notice) });
    expect(images.map(({ name }) => name)).toEqual(['a.jpg']);
    expect(notices).toEqual([`${folder}: 1 image, left out 2 other entries`]);
  });

  it('says nothing of a folder of images alone', async () => {
    const notices: string[] = [];
    await listImages(folderOf({ 'a.jpg': 'rgb.jpg' }), { onNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual([]);
  });

  it('follows links to files', async () => {
    const folder = temporaryFolder();
    symlinkSync(fixturePath('rgb.png'), join(folder, 'linked.png'));
    const [image] = await listImages(folder);
    expect((await image.decode()).width).toBe(23);
  });

  it('leaves out pipes and devices, behind links too, without reading them', async () => {
    const folder = folderOf({ 'a.jpg': 'rgb.jpg' });
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
    symlinkSync(join(folder, 'pipe.jpg'), join(folder, 'b.jpg'));
    symlinkSync('/dev/zero', join(folder, 'c.jpg'));
    const notices: string[] = [];
    const images = await listImages(folder, { onNotice: (notice) => notices.push(notice) });
    expect(images.map(({ name }) => name)).toEqual(['a.jpg']);
    expect(notices).toEqual([`${folder}: 1 image, left out 3 other entries`]);
    for (const name of ['b.jpg', 'c.jpg']) {
      await expect(checkImageFile(join(folder, name))).rejects.toThrow(/cannot be opened .*got a device or pipe/);
    }
  });

  it('refuses an empty folder, one without images, one that is not there and a file', async () => {
    const empty = temporaryFolder();
    await expect(listImages(empty)).rejects.toThrow(UsageError);
    await expect(listImages(empty)).rejects.toThrow('found none, the folder is empty');
    const text = folderOf({ 'notes.txt': 'rgb.jpg' });
    await expect(listImages(text)).rejects.toThrow('found none among 1 other entry');
    await expect(listImages(join(text, 'nowhere'))).rejects.toThrow('expected a folder of images, there is none');
    await expect(listImages(join(text, 'notes.txt'))).rejects.toThrow(UsageError);
  });

  it('finds an unreadable image in the middle of a thousand at once, and names it', async () => {
    const folder = temporaryFolder();
    const bytes = fixture('rgb.jpg');
    for (let k = 0; k < 1000; k++) writeFileSync(join(folder, `image_${k}.jpg`), k === 500 ? 'no image' : bytes);
    const started = Date.now();
    const error = await listImages(folder).catch((reason: unknown) => reason);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).path).toBe(join(folder, 'image_500.jpg'));
  });

  it('finds images that were cut off, and says which if there are several', async () => {
    for (const file of ['rgb.jpg', 'progressive.jpg', 'rgb.png', 'rgb.webp', 'gray.gif', 'rgb.bmp']) {
      const folder = folderOf({ 'a.jpg': 'rgb.jpg' });
      const bytes = readFileSync(fixturePath(file));
      for (const name of ['b.png', 'c.png']) writeFileSync(join(folder, name), bytes.subarray(0, bytes.length - 100));
      const notices: string[] = [];
      const error = await listImages(folder, { onNotice: (notice) => notices.push(notice) }).catch(
        (reason: unknown) => reason,
      );
      expect(String(error), file).toContain(join(folder, 'b.png'));
      expect(notices).toEqual([`${folder}: 2 images cannot be read: b.png, c.png`]);
    }
  });

  it('refuses a link that leads nowhere', async () => {
    const folder = folderOf({ 'a.jpg': 'rgb.jpg' });
    symlinkSync(join(folder, 'gone'), join(folder, 'b.jpg'));
    await expect(listImages(folder)).rejects.toThrow(FormatError);
  });

  it('says once that transparent pixels are shown over mid-gray', async () => {
    const notices: string[] = [];
    const folder = folderOf({ 'a.png': 'rgba.png', 'b.png': 'rgba.png', 'c.png': 'rgb.png' });
    for (const image of await listImages(folder, { onNotice: (notice) => notices.push(notice) })) await image.decode();
    expect(notices).toEqual([`${folder}: some images have transparent pixels; these are shown over mid-gray (128)`]);
  });

  it('names an image that disappears after it was listed', async () => {
    const folder = folderOf({ 'a.jpg': 'rgb.jpg' });
    const [image] = await listImages(folder);
    unlinkSync(join(folder, 'a.jpg'));
    await expect(image.decode()).rejects.toThrow(`${join(folder, 'a.jpg')}: the image cannot be opened`);
  });
});

describe('checkedTogether', () => {
  const MiB = 2 ** 20;
  const sizes = (...files: number[]) =>
    checkedTogether(files.map((size) => ({ size: size * MiB }))).map((group) => group.map(({ size }) => size / MiB));

  it('takes small files eight at a time, in their order', () => {
    expect(sizes(...Array.from({ length: 18 }, (_, k) => k / 16))).toMatchObject([
      { length: 8, 0: 0 },
      { length: 8, 0: 0.5 },
      { length: 2, 0: 1 },
    ]);
    expect(sizes()).toEqual([]);
  });

  it('takes no more than 256 MiB at a time, and a larger file alone', () => {
    expect(sizes(100, 156, 1, 1000, 1, 200, 100)).toEqual([[100, 156], [1], [1000], [1, 200], [100]]);
  });
});
