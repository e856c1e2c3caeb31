import { condensedIndex } from '../../../core/condensed.ts';
import type { Cell } from './inspected-arrays.ts';

/** What a matrix shows: cells coloured by rank, images along its axes. */
export interface MatrixContent {
  readonly n: number;
  /** nPairs. */
  readonly ranks: Float32Array;
  readonly pictures: readonly string[];
  readonly palette: string;
}

/** Told of what a pointer does. */
export interface MatrixEvents {
  readonly onHover: (cell: Cell) => void;
  readonly onChoose: (cell: Cell) => void;
}

/** A matrix on the page. */
export interface MatrixView {
  /** Moves its cross hair. */
  point(cell: Cell, pinned: boolean): void;
}

const AXIS = 26;
const ENLARGED = 40;
const LEAST_PICTURE = 15;

/** Draws a matrix into its place and keeps it drawn as sizes and themes change. */
export function startMatrix(place: HTMLElement, content: MatrixContent, events: MatrixEvents): MatrixView {
  const canvas = document.createElement('canvas');
  const overlay = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  overlay.setAttribute('aria-hidden', 'true');
  place.append(canvas, overlay);
  const cells = paintCells(content);
  const images = content.pictures.map(pictureOf);
  let pointed: { cell: Cell; pinned: boolean } | undefined;
  let side = 0;

  const cellSize = () => (side - AXIS) / content.n;
  const redraw = () => {
    side = place.clientWidth;
    if (side <= AXIS) return;
    const context = fresh(canvas, side);
    context.imageSmoothingEnabled = false;
    context.drawImage(cells, AXIS, AXIS, side - AXIS, side - AXIS);
    drawAxes(context, images, cellSize());
    redrawOverlay();
  };
  const redrawOverlay = () => {
    if (pointed === undefined || side <= AXIS) return;
    drawCrossHair(fresh(overlay, side), { ...pointed, size: cellSize(), side, images, style: getComputedStyle(place) });
  };

  const cellAt = ({ clientX, clientY }: MouseEvent): Cell => {
    const { left, top } = canvas.getBoundingClientRect();
    const index = (at: number) => Math.max(0, Math.min(content.n - 1, Math.floor((at - AXIS) / cellSize())));
    return { row: index(clientY - top), column: index(clientX - left) };
  };
  overlay.addEventListener('pointermove', (event) => events.onHover(cellAt(event)));
  overlay.addEventListener('click', (event) => events.onChoose(cellAt(event)));
  new ResizeObserver(redraw).observe(place);
  addEventListener('themechange', redraw);
  for (const image of images) image.addEventListener('load', redraw, { once: true });
  redraw();
  return {
    point(cell, pinned) {
      pointed = { cell, pinned };
      redrawOverlay();
    },
  };
}

/** One pixel a cell; the diagonal, and what was not measured, stay clear. */
function paintCells({ n, ranks, palette }: MatrixContent): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = n;
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(n, n);
  const last = palette.length / 6 - 1;
  for (let row = 0; row < n; row++) {
    for (let column = row + 1; column < n; column++) {
      const rank = ranks[condensedIndex(row, column, n)];
      if (Number.isNaN(rank)) continue;
      const colour = Math.round((last * (rank - 1)) / Math.max(1, ranks.length - 1));
      for (const at of [4 * (row * n + column), 4 * (column * n + row)]) {
        for (let k = 0; k < 3; k++) picture.data[at + k] = Number.parseInt(palette.substr(6 * colour + 2 * k, 2), 16);
        picture.data[at + 3] = 255;
      }
    }
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

function drawAxes(context: CanvasRenderingContext2D, images: readonly HTMLImageElement[], size: number): void {
  const step = Math.ceil(LEAST_PICTURE / size);
  const picture = Math.min(AXIS - 3, step * size);
  for (let k = 0; k < images.length; k += step) {
    const at = AXIS + (k + Math.min(step, images.length - k) / 2) * size - picture / 2;
    if (!isLoaded(images[k])) continue;
    context.drawImage(images[k], at, AXIS - 3 - picture, picture, picture);
    context.drawImage(images[k], AXIS - 3 - picture, at, picture, picture);
  }
}

interface CrossHair {
  readonly cell: Cell;
  readonly pinned: boolean;
  readonly size: number;
  readonly side: number;
  readonly images: readonly HTMLImageElement[];
  readonly style: CSSStyleDeclaration;
}

/** Lines from the axes to the cell, the cell and its mirror framed, the two images enlarged at the axes. */
function drawCrossHair(
  context: CanvasRenderingContext2D,
  { cell: { row, column }, pinned, size, side, images, style }: CrossHair,
): void {
  const [ink, paper] = [style.getPropertyValue('--ink'), style.getPropertyValue('--paper')];
  const x = AXIS + column * size;
  const y = AXIS + row * size;
  const frame = (left: number, top: number, width: number, height: number, line: number) => {
    context.strokeStyle = paper;
    context.lineWidth = line + 2;
    context.strokeRect(left, top, width, height);
    context.strokeStyle = ink;
    context.lineWidth = line;
    context.strokeRect(left, top, width, height);
  };
  for (const [colour, width] of [
    ['rgb(0 0 0 / 0.45)', 3],
    ['rgb(255 255 255 / 0.9)', 1.25],
  ] as const) {
    context.fillStyle = colour;
    context.fillRect(x + (size - width) / 2, AXIS, width, y - AXIS);
    context.fillRect(AXIS, y + (size - width) / 2, x - AXIS, width);
  }
  const least = Math.max(size, 5);
  const spare = (least - size) / 2;
  frame(AXIS + row * size - spare, AXIS + column * size - spare, least, least, 1);
  frame(x - spare, y - spare, least, least, pinned ? 3 : 2);
  const picture = (image: HTMLImageElement, left: number, top: number) => {
    if (!isLoaded(image)) return;
    context.drawImage(image, left, top, ENLARGED, ENLARGED);
    frame(left, top, ENLARGED, ENLARGED, 1.5);
  };
  const along = (middle: number) => Math.max(2, Math.min(side - ENLARGED - 2, middle - ENLARGED / 2));
  picture(images[column], along(x + size / 2), 2);
  picture(images[row], 2, along(y + size / 2));
}

/** A canvas emptied, as sharp as the screen; one unit is a CSS pixel. */
function fresh(canvas: HTMLCanvasElement, side: number): CanvasRenderingContext2D {
  const pixels = Math.round(side * devicePixelRatio);
  canvas.width = canvas.height = pixels;
  const context = canvas.getContext('2d')!;
  context.setTransform(pixels / side, 0, 0, pixels / side, 0, 0);
  return context;
}

function pictureOf(id: string): HTMLImageElement {
  const image = new Image();
  image.src = document.getElementById(id)?.querySelector('image')?.getAttribute('href') ?? '';
  return image;
}

function isLoaded(image: HTMLImageElement): boolean {
  return image.complete && image.naturalWidth > 0;
}
