/** A figure in all the forms it leaves in. */
export interface Figure {
  /** Unique among a report's figures; its file's name, and what the ids within the svg begin with. */
  readonly id: string;
  readonly title: string;
  /** What to read off it, in one or two sentences. */
  readonly caption: string;
  /** Text alternative, with the main numbers. */
  readonly alt: string;
  /** Of a fixed size in pixels, with its viewBox; it refers to nothing outside itself but what the theme and its pictures name. */
  readonly svg: string;
  /** What the marks are drawn from, under a header. */
  readonly csv: string;
}

/** What a figure's parts are painted with: anything that `fill` takes. */
export interface Theme {
  readonly paper: string;
  readonly ink: string;
  /** Second-rank text. */
  readonly faint: string;
  readonly grid: string;
  readonly fitted: string;
  readonly rival: string;
  /** What subjects gave. */
  readonly measured: string;
  /** Fits and models of permuted labels. */
  readonly permuted: string;
  /** The noise ceiling's band, painted translucent. */
  readonly ceiling: string;
  /** A simulation's truth. */
  readonly truth: string;
}

/**
 * Hex colours for files, on white: text at 4.5 : 1 and marks at 3 : 1 or better.
 * @source Okabe and Ito 2008, Color Universal Design (those of marks)
 */
export const LIGHT: Theme = {
  paper: '#ffffff',
  ink: '#1b1b1f',
  faint: '#5a5a62',
  grid: '#dcdce0',
  fitted: '#0072b2',
  rival: '#d55e00',
  measured: '#009e73',
  permuted: '#7d7d85',
  ceiling: '#009e73',
  truth: '#d55e00',
};

/** The same on a dark page. */
export const DARK: Theme = {
  paper: '#16181d',
  ink: '#f1f1f4',
  faint: '#b4b4be',
  grid: '#3b3e46',
  fitted: '#56b4e9',
  rival: '#e69f00',
  measured: '#009e73',
  permuted: '#94949e',
  ceiling: '#009e73',
  truth: '#e69f00',
};

/** Variables that a page sets to `LIGHT` or `DARK`, so that one svg follows it: `--ink` and so on. */
export const PAGE: Theme = Object.fromEntries(Object.keys(LIGHT).map((name) => [name, `var(--${name})`])) as {
  [Name in keyof Theme]: string;
};

/** A theme as declarations of the variables that `PAGE` names: `--ink: #1b1b1f; ...`. */
export function themeVariables(theme: Theme): string {
  return Object.entries(theme)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');
}
