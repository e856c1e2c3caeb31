import { type AttributeValue, element, escapeText } from './svg.ts';

/** Pixels of a figure's ordinary text. */
export const TEXT_SIZE = 12;
export const SMALL_TEXT = 11;

/** How one line of text is set. */
export interface LabelOptions extends Readonly<Record<string, AttributeValue>> {
  /** Pixels; `TEXT_SIZE` by default. */
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: 'true';
  /** Pixels that there are: what is longer loses its middle, and tells all of it when pointed at. */
  readonly room?: number;
}

/** One line of text with its baseline at y; NaN and the like never get here, since numbers come as text. */
export function label(
  x: number,
  y: number,
  text: string,
  { size = TEXT_SIZE, anchor, bold, room = Number.POSITIVE_INFINITY, ...rest }: LabelOptions = {},
): string {
  const shown = shortened(text, room, size, bold !== undefined);
  return element(
    'text',
    {
      x,
      y,
      'font-size': size === TEXT_SIZE ? undefined : size,
      'text-anchor': anchor === 'start' ? undefined : anchor,
      'font-weight': bold === undefined ? undefined : 600,
      ...rest,
    },
    ...(shown === text ? [] : [element('title', {}, escapeText(text))]),
    escapeText(shown),
  );
}

// Hundredths of the size for the characters from space to tilde in DejaVu Sans, the widest of the fonts that `sans-serif` commonly is.
const WIDTHS = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
  84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
  69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
  82, 59, 59, 52, 64, 34, 64, 84,
];
const OTHER_WIDTH = 70;
const WIDE_WIDTH = 105;
const FIRST_WIDE = 0x1100;
const BOLD_FACTOR = 1.16;

/** Pixels that a line of text takes at most in the fonts that it may be shown in. */
export function textWidth(text: string, size = TEXT_SIZE, bold = false): number {
  let hundredths = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    hundredths += WIDTHS[code - 32] ?? (code < FIRST_WIDE ? OTHER_WIDTH : WIDE_WIDTH);
  }
  return (hundredths / 100) * size * (bold ? BOLD_FACTOR : 1);
}

const ELLIPSIS = '\u2026';

/** The text, or as much of its beginning and end as there is room for: names tell themselves apart at both. */
export function shortened(text: string, room: number, size = TEXT_SIZE, bold = false): string {
  if (textWidth(text, size, bold) <= room) return text;
  const characters = [...text];
  for (let kept = characters.length - 1; kept > 0; kept--) {
    const head = Math.ceil(kept / 2);
    const shorter = `${characters.slice(0, head).join('')}${ELLIPSIS}${characters.slice(characters.length - (kept - head)).join('')}`;
    if (textWidth(shorter, size, bold) <= room) return shorter;
  }
  return ELLIPSIS;
}

/** Lines of whole words that fit the room; a word that is wider than all of it loses its middle. */
export function wrapped(text: string, room: number, size = TEXT_SIZE): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(longer, size) <= room) lines[lines.length - 1] = longer;
    else lines.push(shortened(word, room, size));
  }
  return lines;
}
