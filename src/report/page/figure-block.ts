import type { Figure } from '../figures/figure.ts';
import { csvTable } from './csv-table.ts';
import { type Html, html, trusted } from './html.ts';
import type { Pictures } from './pictures.ts';

/** A figure as the page shows it and hands it out. */
export interface PageFigure {
  /** As files have it: titled, of fixed colours. */
  readonly file: Figure;
  /** In the page's colours, without the title that stands above it. */
  readonly wide: string;
  /** The same, drawn anew for a phone. */
  readonly narrow: string;
}

/** A figure with its title, caption, files and numbers. */
export function figureBlock(figure: PageFigure, pictures: Pictures): Html {
  return framedFigure(figure.file, drawing(figure, pictures), 'beside');
}

/** What every figure has around its drawing; the caption stands beside it where there is room, or under it. */
export function framedFigure({ id, title, caption, csv }: Figure, content: Html, place: 'beside' | 'under'): Html {
  const save = (kind: 'svg' | 'png' | 'csv') =>
    html`<button type="button" data-download="${kind}" data-figure="${id}" aria-label="${kind.toUpperCase()} of ${title}">${kind.toUpperCase()}</button>`;
  return html`<figure class="figure ${place}" id="figure-${id}" aria-labelledby="title-${id}">
<div class="figure-head"><h3 id="title-${id}">${title}</h3>
<div class="downloads" role="group" aria-label="Save: ${title}"><span aria-hidden="true">Save</span>${(['svg', 'png', 'csv'] as const).map(save)}</div></div>
${content}
<figcaption>${caption}</figcaption>
<details><summary>The numbers as a table</summary>${csvTable(csv, title)}</details>
</figure>`;
}

/** A figure's svg for a wide page and for a narrow one, of which the page shows one. */
function drawing({ file, wide, narrow }: PageFigure, pictures: Pictures): Html {
  const shown = (svg: string, kind: 'wide' | 'narrow') =>
    trusted(pictures.shown(svg).replace('<svg', `<svg class="${kind}"`));
  return html`<div class="drawing" data-scrolls="${file.title}">${shown(wide, 'wide')}${shown(withOwnIds(narrow, file.id), 'narrow')}</div>`;
}

/** Ids on a page are unique, and those within a figure begin with its own. */
function withOwnIds(svg: string, id: string): string {
  return svg.replaceAll(`id="${id}`, `id="narrow-${id}`).replaceAll(`#${id}`, `#narrow-${id}`);
}
