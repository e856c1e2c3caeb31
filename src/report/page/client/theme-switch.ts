/** The button that turns the page light or dark; until it is used, the page follows the system. */
export function startThemeSwitch(): void {
  const button = document.getElementById('theme-switch');
  if (button === null) return;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => {
    const { theme } = document.documentElement.dataset;
    return theme === undefined ? system.matches : theme === 'dark';
  };
  const show = () => button.setAttribute('aria-pressed', String(isDark()));
  button.addEventListener('click', () => {
    document.documentElement.dataset['theme'] = isDark() ? 'light' : 'dark';
    show();
    dispatchEvent(new Event('themechange'));
  });
  system.addEventListener('change', () => {
    show();
    dispatchEvent(new Event('themechange'));
  });
  show();
}
