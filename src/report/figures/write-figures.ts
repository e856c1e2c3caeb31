import { type Environment, writeText } from '../../study/environment.ts';
import type { Figure } from './figure.ts';

/** Pixels of a .png file a pixel of the figure: sharp in print and on any screen. */
const PNG_SCALE = 2;

/**
 * Writes each figure as .svg, .png and .csv, named by its id.
 * @returns paths of the files
 */
export async function writeFigures(
  folder: string,
  figures: readonly Figure[],
  environment: Pick<Environment, 'writeFile' | 'joinPath' | 'renderPng'>,
): Promise<string[]> {
  const paths = await Promise.all(
    figures.map(async ({ id, svg, csv }) => {
      const [svgPath, pngPath, csvPath] = ['svg', 'png', 'csv'].map((end) =>
        environment.joinPath(folder, `${id}.${end}`),
      );
      const png = await environment.renderPng(svg, PNG_SCALE);
      await writeText(environment, svgPath, svg);
      await environment.writeFile(pngPath, (sink) => sink.write(0, png));
      await writeText(environment, csvPath, csv);
      return [svgPath, pngPath, csvPath];
    }),
  );
  return paths.flat();
}
