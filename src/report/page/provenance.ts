import type { ReportData } from '../../study/runs/report-data.ts';
import { type Html, html } from './html.ts';

/** What it takes to make the run again, and to know that it is the same. */
export function provenanceSection(data: ReportData, id = 'made'): Html {
  const { command, version, engine, network, hashes, fits, study } = data;
  const facts: (readonly [what: string, value: string | null])[] = [
    ['run folder', data.run],
    ['network', network?.name ?? null],
    ['hypercolumn', version],
    ['engine', engine],
    ['fits', fits.length === 0 ? null : fits.map(describeFit).join('; ')],
    ...hashes.map(({ what, digest }) => [`${what} (SHA-256)`, digest] as const),
  ];
  return html`<section id="${id}" class="stack" aria-labelledby="${id}-title"><h2 id="${id}-title">How it was made</h2>
${command === null ? null : html`<h3>Command</h3><pre><code>${command}</code></pre>`}
<h3>Versions and contents</h3>
${factTable(facts)}
<h3>Settings</h3>
${factTable(settingsOf(study))}</section>`;
}

/** Every setting of a study by its path: `training.epochs`. */
export function settingsOf(value: unknown, path = ''): [path: string, value: string][] {
  if (Array.isArray(value) && value.every((item) => !isGroup(item)))
    return [[path, value.length === 0 ? 'none' : value.map(String).join(', ')]];
  if (!isGroup(value)) return value === undefined ? [] : [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = Array.isArray(value) ? `${path}[${Number(key) + 1}]` : path === '' ? key : `${path}.${key}`;
    return settingsOf(inner, name);
  });
}

function factTable(facts: readonly (readonly [what: string, value: string | null])[]): Html {
  return html`<table class="settings"><tbody>${facts.map(
    ([what, value]) =>
      html`<tr><th scope="row">${breakable(what)}</th><td class="code">${value === null ? html`<em>not told by the run folder</em>` : value}</td></tr>`,
  )}</tbody></table>`;
}

/** A setting's path, which may go on in another line after each dot. */
function breakable(path: string): Html {
  return html`${path.split('.').map((part, k) => (k === 0 ? part : html`.<wbr>${part}`))}`;
}

function describeFit({ seed, keptEpoch, metrics }: ReportData['fits'][number]): string {
  return `seed ${seed}, epoch ${keptEpoch} of ${metrics.length} kept`;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
