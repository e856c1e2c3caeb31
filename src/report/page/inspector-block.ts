import { type Html, html, trusted } from './html.ts';
import { countText } from './words.ts';

/** The two matrices that hover, keys and touch move through, and the panel of the pair. A script fills them. */
export function inspectorBlock(id: string, nSubjects: number, palette: string, hasParts: boolean): Html {
  const matrix = (name: 'predicted' | 'measured', title: string) => html`<div class="matrix-box ${name}">
<p class="matrix-name" id="${id}-${name}">${title}</p>
<div class="matrix" data-matrix="${name}" tabindex="0" role="application" aria-roledescription="matrix of pairs" aria-labelledby="${id}-${name}" aria-describedby="${id}-keys"></div></div>`;
  return html`<div class="inspector" id="${id}">
${matrix('measured', nSubjects === 1 ? 'Measured: one subject' : `Measured: mean of ${countText(nSubjects, 'subject')}`)}
${matrix('predicted', 'Predicted')}
${readoutPanel(nSubjects, hasParts)}
<p class="colour-key"><span>alike</span><span class="ramp" style="background:${trusted(ramp(palette))}"></span><span>unlike</span><span class="note">colours by rank within each matrix</span></p>
<p class="note keys" id="${id}-keys">Point at a cell, or tap it, to see its pair; click or Enter pins it, Escape lets go. Arrow keys move by one image, Page Up and Page Down by ten rows, Home and End to the ends of the row.</p>
<p class="hidden" aria-live="polite"></p>
</div>`;
}

function readoutPanel(nSubjects: number, hasParts: boolean): Html {
  const image = (axis: 'row' | 'column') =>
    html`<div><svg viewBox="0 0 64 64" aria-hidden="true"><use data-show="${axis}-picture" width="64" height="64"/></svg><p class="image-name"><bdi data-show="${axis}-name"></bdi></p></div>`;
  const spread =
    nSubjects === 1 ? null : html`<tr><th scope="row">subjects' sd</th><td data-show="sd"></td><td></td></tr>`;
  return html`<div class="readout" role="group" aria-label="The pair pointed at">
<p class="readout-head"><span data-show="state">Pair</span><button type="button" data-unpin hidden>Unpin</button></p>
<div class="pair">${image('row')}${image('column')}</div>
<div class="stack">
<table class="values"><thead><tr><th scope="col"><span class="hidden">RDM</span></th><th scope="col">value</th><th scope="col">rank of <span data-show="pairs"></span></th></tr></thead><tbody>
<tr><th scope="row">predicted</th><td data-show="predicted"></td><td data-show="predicted-rank"></td></tr>
<tr><th scope="row">measured</th><td data-show="measured"></td><td data-show="measured-rank"></td></tr>
${spread}</tbody></table>
<p class="verdict" data-show="verdict"></p>
${hasParts ? html`<div><p class="parts-name">What each stage adds to the prediction</p><ul class="parts" data-show="parts"></ul></div>` : null}
</div></div>`;
}

const STOPS = 16;

function ramp(palette: string): string {
  const nColours = palette.length / 6;
  const stops = Array.from({ length: STOPS + 1 }, (_, k) => {
    const colour = Math.round((k / STOPS) * (nColours - 1));
    return `#${palette.slice(6 * colour, 6 * colour + 6)}`;
  });
  return `linear-gradient(90deg,${stops.join(',')})`;
}
