import { DARK, LIGHT, themeVariables } from '../figures/figure.ts';
import { CLIENT_SCRIPT, CLIENT_SCRIPT_SHA256, CLIENT_STYLE } from './client.generated.ts';
import { embeddedJson, type Html, html, trusted } from './html.ts';
import type { PageData } from './page-data.ts';
import type { Pictures } from './pictures.ts';

/** A page's parts. */
export interface PageDocument {
  readonly title: string;
  readonly lede: readonly string[];
  /** Ids of sections and what the list of contents calls them. */
  readonly contents: readonly (readonly [id: string, name: string])[];
  readonly main: readonly Html[];
  readonly footer: string;
  readonly pictures: Pictures;
  readonly data: PageData;
}

// Nothing comes from anywhere: what the page shows is in it, and its script is known by its hash.
const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${CLIENT_SCRIPT_SHA256}'`,
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const COLOURS = `:root{${themeVariables(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme="light"]){${themeVariables(DARK)}}}
@media screen{:root[data-theme="dark"]{${themeVariables(DARK)}}}`;

/** One page of HTML that needs nothing but itself. */
export function documentText({ title, lede, contents, main, footer, pictures, data }: PageDocument): string {
  const body = html`<a class="skip" href="#main">Skip to the results</a>
<header class="top wrap">
<div class="bar-top"><span>hypercolumn report</span><button type="button" id="theme-switch" aria-pressed="false">Dark</button></div>
<div class="title"><h1>${title}</h1>${lede.map((line) => html`<p class="lede">${line}</p>`)}</div>
<nav class="contents" aria-label="Contents"><ul>${contents.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main id="main" class="wrap" tabindex="-1">${main}</main>
<footer class="wrap"><p>${footer}</p></footer>`;
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(COLOURS)}${trusted(CLIENT_STYLE)}</style>
</head>
<body>
${body}
${pictures.definitions()}
<script type="application/json" id="page-data">${embeddedJson(data)}</script>
<script>${trusted(CLIENT_SCRIPT)}</script>
</body>
</html>`.html
  }\n`;
}
