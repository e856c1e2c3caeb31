import { DEMO_FILES, type DemoResult } from '../study/demo.ts';
import { formatCeiling } from './run-text.ts';
import { alignedTable, formatNumber } from './table.ts';
import { formatPermuted } from './tuning-text.ts';

/** The demo as text: what was simulated, what the fit recovered of it, the held-out score beside its bounds, and what to do next. */
export function describeDemo(result: DemoResult): string {
  const { folder, nTrainingImages, nTestImages, nSubjects, noise, run, trueShares, rho, ceiling } = result;
  const nPermutations = run.tuning.stages[0].permutedShares.length;
  const [, ...rivals] = run.scoring.scored[0].sheet.models;
  return [
    `SIMULATION. ${nTrainingImages + nTestImages} drawn images; ${nSubjects} simulated subjects whose RDMs come from a known mask over the stages of the Gabor bank,`,
    `plus noise of ${formatNumber(noise.measurement, 2)} (measurement) and ${formatNumber(noise.individual, 2)} (individual) standard deviations of the true RDM.`,
    `Fitted on ${nTrainingImages} images, scored on the other ${nTestImages}.`,
    '',
    "Shares of the embedding's variance by stage: the truth, what the fit recovered, and fits of label-permuted RDMs",
    alignedTable([
      ['stage', 'true', 'recovered', `permuted (${nPermutations} fits)`, 'z', 'p'],
      ...run.tuning.stages.map(({ stage, share, permuted, z, p }, k) => [
        stage,
        formatNumber(trueShares[k]),
        formatNumber(share),
        permuted === null ? '-' : formatPermuted(permuted),
        formatNumber(z, 1),
        formatNumber(p),
      ]),
    ]),
    '',
    'Prediction of the held-out images: mean signed Spearman rho with the simulated subjects',
    alignedTable([
      ['model', 'rho'],
      ['fitted mask', formatNumber(rho.fitted)],
      ['untrained mask (all ones)', formatNumber(rho.untrained)],
      ['the true mask', formatNumber(rho.truth)],
      ...rivals.map((rival) => [`rival: ${rival.name}`, formatNumber(rival.rho)]),
      ['noise ceiling, lower ... upper', formatCeiling({ ceiling })],
    ]),
    '',
    `Files are in ${folder}/: ${DEMO_FILES.study} (the study), ${DEMO_FILES.trainingImages} and ${DEMO_FILES.trainingRdms} (what was learnt from),`,
    `${DEMO_FILES.testImages} and ${DEMO_FILES.testRdms} (what was held out), ${DEMO_FILES.labels} (categories), ${DEMO_FILES.run} (the fitted encoder, scores, and the report), ${DEMO_FILES.predicted} (the predicted RDM).`,
    'The same by hand, and with your own images and RDMs in place of these:',
    `  hypercolumn fit ${folder}/${DEMO_FILES.study} --out ${folder}/${DEMO_FILES.run} --tuning`,
    `  hypercolumn report ${folder}/${DEMO_FILES.run}`,
    `  hypercolumn predict ${folder}/${DEMO_FILES.run} --images ${folder}/${DEMO_FILES.testImages} --out ${folder}/${DEMO_FILES.predicted}`,
    `  hypercolumn score ${folder}/${DEMO_FILES.predicted} --target ${folder}/${DEMO_FILES.testRdms}`,
  ].join('\n');
}

/** The demo's results for scripts. */
export function demoResults({ run, trueShares, ...result }: DemoResult) {
  return {
    simulation: true,
    ...result,
    stages: run.tuning.stages.map((tuning, k) => ({ ...tuning, trueShare: trueShares[k] })),
  };
}
