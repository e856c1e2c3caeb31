import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError, messageOf, UsageError } from '../core/errors.ts';
import type { OnNotice } from '../core/progress.ts';
import type { Stimulus } from '../images/image.ts';
import { compareNaturally } from '../images/natural-order.ts';
import { formatOfBytes, hasImageEnding, IMAGE_ENDINGS } from '../images/signature.ts';
import { endLooksCutOff } from '../images/truncation.ts';
import { checkImageHeader, decodeImage } from './decode.ts';
import { openRegularFile } from './files.ts';

/** Bytes an image file may have at most: more than 100 million pixels take in any format. */
const MOST_BYTES = 1 << 30;
const CHECKED_AT_ONCE = 8;
const BYTES_AT_ONCE = 1 << 28;

/** How an image folder is read. */
export interface ImageFolderOptions {
  /** Told what was left out, and once of transparent pixels. */
  readonly onNotice?: OnNotice;
  /** Whether every file is looked at before the first is decoded (the default), so that a bad one is found before hours of work. */
  readonly check?: boolean;
}

/**
 * The images of a folder in natural order (`image_2` before `image_10`; see `compareNaturally`), named by their files with endings: `a.jpg`
 * and `a.png` are two images.
 *
 * Images are files (or links to files) that end in .jpg, .jpeg, .jpe, .png, .webp, .bmp, .tif, .tiff or .gif in either case. Hidden files are passed
 * over in silence, all else (pipes and devices too) with a notice that counts it; folders inside are not entered. Every image's header is checked at once, and
 * those whose end seems cut off are decoded; damage further in shows when the image is decoded.
 * @throws UsageError for a path that is no folder, or a folder without images
 * @throws FormatError with the path of the first image that cannot be read
 */
export async function listImages(
  folder: string,
  { onNotice, check = true }: ImageFolderOptions = {},
): Promise<Stimulus[]> {
  const { images, nOthers } = await imageNames(folder);
  const others = `${nOthers} other ${nOthers === 1 ? 'entry' : 'entries'}`;
  if (images.length === 0) {
    throw new UsageError(
      `${folder}: expected image files (${IMAGE_ENDINGS.join(' ')}), found none${nOthers > 0 ? ` among ${others}` : ', the folder is empty'}`,
    );
  }
  if (nOthers > 0)
    onNotice?.(`${folder}: ${images.length} ${images.length === 1 ? 'image' : 'images'}, left out ${others}`);
  if (check) await checkAll(folder, images, onNotice);
  let saidTransparent = false;
  const noticeOnce = () => {
    if (!saidTransparent) {
      onNotice?.(`${folder}: some images have transparent pixels; these are shown over mid-gray (128)`);
    }
    saidTransparent = true;
  };
  return images.map((name) => {
    const path = join(folder, name);
    return {
      name,
      bytes: () => readImageFile(path),
      decode: async () => decodeImage(await readImageFile(path), path, { onNotice: noticeOnce }),
    };
  });
}

async function imageNames(folder: string): Promise<{ images: string[]; nOthers: number }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UsageError(`${folder}: expected a folder of images, there is none`);
    if (error.code === 'ENOTDIR')
      throw new UsageError(`${folder}: expected a folder of images, got a file; name its folder`);
    throw error;
  });
  const images: string[] = [];
  let nOthers = 0;
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    // A link is followed when it is read; one that leads nowhere is then an image that cannot be read.
    const isFile = entry.isFile() || (entry.isSymbolicLink() && !(await leadsToOther(join(folder, entry.name))));
    if (isFile && hasImageEnding(entry.name)) images.push(entry.name);
    else nOthers++;
  }
  return { images: images.sort(compareNaturally), nOthers };
}

/** Whether a link leads to a folder, a pipe or a device. */
async function leadsToOther(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => !status.isFile(),
    () => false,
  );
}

async function checkAll(folder: string, names: readonly string[], onNotice: OnNotice | undefined): Promise<void> {
  const failures: { name: string; error: unknown }[] = [];
  const files: { name: string; size: number }[] = [];
  for (const name of names) {
    const size = await stat(join(folder, name)).then(
      (status) => status.size,
      () => 0, // what cannot be looked at is told where it is opened
    );
    files.push({ name, size });
  }
  for (const group of checkedTogether(files)) {
    await Promise.all(
      group.map(({ name }) =>
        checkImageFile(join(folder, name)).catch((error: unknown) => {
          failures.push({ name, error });
        }),
      ),
    );
  }
  if (failures.length === 0) return;
  failures.sort((a, b) => compareNaturally(a.name, b.name));
  if (failures.length > 1) {
    onNotice?.(`${folder}: ${failures.length} images cannot be read: ${failures.map(({ name }) => name).join(', ')}`);
  }
  throw failures[0].error;
}

/** Files in groups that fit into memory together: at most 8, of 256 MiB in all; a larger file stands alone. */
export function checkedTogether<T extends { readonly size: number }>(files: readonly T[]): T[][] {
  const groups: T[][] = [];
  let bytes = 0;
  for (const file of files) {
    const group = groups.at(-1);
    bytes += file.size;
    if (group !== undefined && group.length < CHECKED_AT_ONCE && bytes <= BYTES_AT_ONCE) {
      group.push(file);
    } else {
      groups.push([file]);
      bytes = file.size;
    }
  }
  return groups;
}

/**
 * Looks at an image file's header and end; where the end seems cut off, decodes it.
 * @throws FormatError where it cannot be an image that `decodeImage` reads
 */
export async function checkImageFile(path: string): Promise<void> {
  const bytes = await readImageFile(path);
  const format = formatOfBytes(bytes);
  if (format !== undefined && endLooksCutOff(format, bytes)) await decodeImage(bytes, path);
  else await checkImageHeader(bytes, path);
}

async function readImageFile(path: string): Promise<Uint8Array> {
  const { handle, size } = await openRegularFile(path).catch((error: unknown) => {
    throw new FormatError(path, `the image cannot be opened (${messageOf(error)})`, undefined, { cause: error });
  });
  try {
    if (size > MOST_BYTES) {
      throw new FormatError(
        path,
        `expected an image file of at most ${MOST_BYTES} bytes, got ${size}; make it smaller`,
      );
    }
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let last = -1; last !== 0 && length < size; length += last) {
      last = (await handle.read(bytes, length, size - length, length)).bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}
