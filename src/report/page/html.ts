/** Text that is HTML already, and so is not escaped again. */
export interface Html {
  readonly html: string;
}

/** What may stand in a template: text is escaped, HTML stays, null is nothing. */
export type HtmlPart = string | number | Html | null | readonly HtmlPart[];

/** A template of HTML in which everything that is put in is escaped, unless it is HTML itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { html: strings.map((text, k) => (k === 0 ? text : markup(parts[k - 1]) + text)).join('') };
}

/** Text that is HTML for sure: an svg that this package drew, a script that it built. */
export function trusted(text: string): Html {
  return { html: text };
}

// No page may hold these characters, and names of files may: https://html.spec.whatwg.org/#preprocessing-the-input-stream
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|\p{Surrogate}/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands between tags and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A name from a file: whatever direction it is written in, the text around it keeps its own. */
export function nameOf(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** JSON that may stand inside of a script element. */
export function embeddedJson(value: unknown): Html {
  return trusted(JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => escapeUnit(character)));
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function markup(part: HtmlPart): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(markup).join('');
}
