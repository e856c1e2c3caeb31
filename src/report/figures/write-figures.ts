import { type Environment, writeText } from '../../study/environment.ts';
import { TUNING_FIGURE } from '../../study/runs/run-folder.ts';
import type { RunTuning } from '../../study/tuning.ts';
import type { Figure } from './figure.ts';
import { type TuningFigureOptions, tuningFigure } from './tuning-figure.ts';

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

/** Writes the tuning figure alone into a run's folder and gives its path. */
export async function writeTuningFigure(
  folder: string,
  tuning: RunTuning,
  environment: Pick<Environment, 'writeFile' | 'joinPath'>,
  options: TuningFigureOptions = {},
): Promise<string> {
  const path = environment.joinPath(folder, TUNING_FIGURE);
  await writeText(environment, path, tuningFigure(tuning, options).svg);
  return path;
}
