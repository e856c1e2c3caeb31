/**
 * Tabs as the ARIA practices have them: one of the list is in the tab order, arrow keys, Home and End move along it.
 * @source https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
 */
export function startTabs(): void {
  for (const list of document.querySelectorAll<HTMLElement>('[role="tablist"]')) {
    const tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
    const choose = (chosen: HTMLElement) => {
      for (const tab of tabs) {
        tab.setAttribute('aria-selected', String(tab === chosen));
        tab.tabIndex = tab === chosen ? 0 : -1;
        panelOf(tab)?.toggleAttribute('hidden', tab !== chosen);
      }
      dispatchEvent(new Event('resize')); // matrices that were hidden had no width
    };
    for (const [k, tab] of tabs.entries()) {
      tab.addEventListener('click', () => choose(tab));
      tab.addEventListener('keydown', (event) => {
        const next = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        const chosen = tabs[(next + tabs.length) % tabs.length];
        choose(chosen);
        chosen.focus();
      });
    }
    list.hidden = false;
    if (tabs.length > 0) choose(tabs[0]);
  }
}

function panelOf(tab: HTMLElement): HTMLElement | null {
  return document.getElementById(tab.getAttribute('aria-controls') ?? '');
}
