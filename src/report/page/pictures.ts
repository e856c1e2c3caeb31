import { type Html, html, trusted } from './html.ts';

/** Pictures of a page, each held once however many figures show it. */
export interface Pictures {
  /** The id by which a data URI is shown. */
  idOf(uri: string): string;
  /** An svg that shows its pictures by their ids. */
  shown(svg: string): string;
  /** An svg as a file's template: each picture's data URI gives way to `#` and its id. */
  template(svg: string): string;
  /** The element that holds them all. */
  definitions(): Html;
}

const ATTRIBUTES = '((?:"[^"]*"|[^>"])*?)';
const IMAGE = new RegExp(`<image\\b${ATTRIBUTES}(?:/>|>([\\s\\S]*?)</image>)`, 'g');
const HREF = /\s(?:xlink:)?href="(data:[^"]*)"/;

/** An empty collection of pictures. */
export function pagePictures(): Pictures {
  const ids = new Map<string, string>();
  const idOf = (uri: string) => {
    if (!ids.has(uri)) ids.set(uri, `picture-${ids.size}`);
    return ids.get(uri)!;
  };
  return {
    idOf,
    shown: (svg) =>
      svg.replace(IMAGE, (image, attributes: string, inner: string | undefined) => {
        const uri = HREF.exec(attributes)?.[1];
        if (uri === undefined) return image;
        return `<use${attributes.replace(HREF, ` href="#${idOf(uri)}"`)}>${inner ?? ''}</use>`;
      }),
    template: (svg) => svg.replace(/"(data:image\/[^"]*)"/g, (_, uri: string) => `"#${idOf(uri)}"`),
    definitions: () =>
      trusted(
        `<svg class="pictures" aria-hidden="true" focusable="false" width="0" height="0">${[...ids]
          .map(([uri, id]) => definition(uri, id).html)
          .join('')}</svg>`,
      ),
  };
}

/** Stretched to whatever place shows it, as `preserveAspectRatio="none"` asks; pixels of a matrix stay squares. */
function definition(uri: string, id: string): Html {
  const crisp = uri.startsWith('data:image/png') ? trusted(' style="image-rendering:pixelated"') : null;
  return html`<symbol id="${id}" viewBox="0 0 64 64" preserveAspectRatio="none"><image href="${uri}" width="64" height="64" preserveAspectRatio="none"${crisp}/></symbol>`;
}
