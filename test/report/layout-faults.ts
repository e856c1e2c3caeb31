import type { Page } from 'playwright-core';

/** What is wrong with how a page is laid out, a sentence each. */
export interface LayoutFaults {
  /** Text and boxes that leave the window, their drawing or a box that cuts them off. */
  readonly cut: readonly string[];
  /** Lines of text that lie on each other. */
  readonly overlapping: readonly string[];
  /** Text of too little contrast: below 4.5 : 1. */
  readonly faint: readonly string[];
  /** Lines of text that were looked at. */
  readonly nTexts: number;
}

/** Looks at every line of text that a page shows. */
export function layoutFaults(page: Page): Promise<LayoutFaults> {
  return page.evaluate(() => {
    const SLACK = 1.5;
    const LEAST_CONTRAST = 4.5;
    interface Line {
      readonly text: string;
      readonly element: Element;
      readonly box: DOMRect;
    }

    const isShown = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.closest('.hidden, .skip, symbol') === null;
    const lines: Line[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement!;
      const text = node.textContent!.trim();
      if (text === '' || ['SCRIPT', 'STYLE', 'title'].includes(element.tagName) || !isShown(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects())
        if (box.width > 0) lines.push({ text: text.slice(0, 40), element, box });
    }

    const describe = ({ text, box: { left, top, right, bottom } }: Line) =>
      `"${text}" (${[left, top, right, bottom].map(Math.round).join(' ')})`;
    const clips = (element: Element) => !['visible', ''].includes(getComputedStyle(element).overflowX);
    const scrolls = (element: Element) => element.closest('[data-scrolls]') !== null;
    const cut: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth)
      cut.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const line of lines) {
      const { element, box } = line;
      const svg = element.closest('svg');
      const inside = svg?.getBoundingClientRect();
      if (
        inside &&
        (box.left < inside.left - SLACK || box.right > inside.right + SLACK || box.bottom > inside.bottom + SLACK)
      ) {
        cut.push(`${describe(line)} leaves its drawing`);
      }
      if (!scrolls(element) && (box.left < -SLACK || box.right > innerWidth + SLACK))
        cut.push(`${describe(line)} leaves the window`);
      for (
        let around: Element | null = element;
        around !== null && around !== document.body;
        around = around.parentElement
      ) {
        if (around === svg || around.matches('[data-scrolls]') || !clips(around)) continue;
        // Names of images are shortened on purpose.
        if (around.matches('.image-name, .stage')) break;
        const limits = around.getBoundingClientRect();
        if (box.right > limits.right + SLACK || box.bottom > limits.bottom + SLACK)
          cut.push(`${describe(line)} is cut off`);
      }
    }

    const visible = lines.filter(({ element }) => element.closest('.image-name') === null);
    const overlapping: string[] = [];
    for (const [k, a] of visible.entries()) {
      for (const b of visible.slice(k + 1)) {
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // Boxes of lines are taller than their letters.
        const tolerance = 0.3 * Math.min(a.box.height, b.box.height);
        if (across > SLACK && down > tolerance) overlapping.push(`${describe(a)} and ${describe(b)}`);
      }
    }

    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour: string) => {
      const [r, g, b] = channels(colour).map((level) => {
        const part = level / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const isClear = (colour: string) => channels(colour)[3] === 0 || colour === 'transparent';
    const behind = (element: Element) => {
      for (let around: Element | null = element; around !== null; around = around.parentElement) {
        const { backgroundColor } = getComputedStyle(around);
        if (!isClear(backgroundColor)) return backgroundColor;
      }
      return 'rgb(255, 255, 255)';
    };
    const faint = lines.flatMap((line) => {
      const { color, fill } = getComputedStyle(line.element);
      const text = luminance(line.element.closest('svg') === null ? color : fill);
      const ground = luminance(behind(line.element));
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      return contrast < LEAST_CONTRAST ? [`${describe(line)} at ${contrast.toFixed(2)}`] : [];
    });
    return { cut, overlapping, faint, nTexts: lines.length };
  });
}
