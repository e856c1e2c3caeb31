/** Boxes that are wider than their place can be reached and moved by the keyboard; others stay out of its way. */
export function makeScrollable(): void {
  const boxes = [...document.querySelectorAll<HTMLElement>('[data-scrolls]')];
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) mark(target as HTMLElement);
  });
  for (const box of boxes) watcher.observe(box);
}

function mark(box: HTMLElement): void {
  if (box.scrollWidth > box.clientWidth + 1) {
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', box.dataset['scrolls'] ?? '');
  } else {
    box.removeAttribute('tabindex');
    box.removeAttribute('role');
    box.removeAttribute('aria-label');
  }
}
