import type { FigureFiles } from '../page-data.ts';

const PNG_SCALE = 2;

/** Buttons that hand out a figure as the file that the command line writes. */
export function offerDownloads(files: Readonly<Record<string, FigureFiles>>): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-download]')) {
    const { figure = '', download = '' } = button.dataset;
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        save(`${figure}.${download}`, await fileOf(files[figure], download));
      } finally {
        button.disabled = false;
      }
    });
  }
}

async function fileOf(files: FigureFiles, kind: string): Promise<Blob> {
  if (kind === 'csv') return new Blob([await inflate(files.csv)], { type: 'text/csv;charset=utf-8' });
  const svg = new Blob([withPictures(await inflate(files.svg))], { type: 'image/svg+xml;charset=utf-8' });
  return kind === 'svg' ? svg : rasterise(svg);
}

async function inflate(text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).text();
}

/** The file holds its pictures itself, which on the page have a place of their own. */
function withPictures(svg: string): string {
  return svg.replace(/"#(picture-\d+)"/g, (whole, id: string) => {
    const uri = document.getElementById(id)?.querySelector('image')?.getAttribute('href');
    return uri ? `"${uri}"` : whole;
  });
}

async function rasterise(svg: Blob): Promise<Blob> {
  const url = URL.createObjectURL(svg);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * PNG_SCALE;
    canvas.height = image.naturalHeight * PNG_SCALE;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((png) => (png === null ? reject(new Error('no picture')) : resolve(png)), 'image/png');
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

function save(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
