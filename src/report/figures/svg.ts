/** What an attribute may be; undefined leaves it out. */
export type AttributeValue = string | number | undefined;

/** An element as text. Children are markup, text comes from `label` or `escapeText`. */
export function element(
  name: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeText(String(value))}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
}

/** A group of marks that share attributes; nothing where there are no marks. */
export function group(attributes: Readonly<Record<string, AttributeValue>>, marks: readonly string[]): string {
  return marks.length === 0 ? '' : element('g', attributes, ...marks);
}

/** Markup moved by so many pixels. */
export function moved(x: number, y: number, ...marks: readonly string[]): string {
  return element('g', { transform: `translate(${coordinate(x)} ${coordinate(y)})` }, ...marks);
}

/** A number of pixels to hundredths, which no eye tells apart. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

/** Text that markup may hold: characters that XML gives a meaning are written out, and those that it does not allow become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replace(NOT_IN_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const NOT_IN_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
