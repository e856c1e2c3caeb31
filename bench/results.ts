// The score sheets, tunings and reports of docs/results.md: each of the challenge's targets fitted on one image set and tested on the other, both
// ways, beside all rivals. Run: HYPERCOLUMN_DATA=DIR npm run bench:results -- OUT [--tuning N] [RUN ...]; a run is called EVC-92-118
import { join } from 'node:path';
import { nodeEnvironment } from '../src/node.ts';
import { writeReport } from '../src/report/report.ts';
import { describeRun } from '../src/report/run-text.ts';
import { alignedTable, formatNumber } from '../src/report/table.ts';
import { runStudy } from '../src/study/run.ts';
import { writeRun } from '../src/study/runs/run-folder.ts';
import { algonautsStudy, IMAGE_SETS, TARGETS } from './algonauts.ts';

const [out, ...words] = process.argv.slice(2);
if (out === undefined) throw new Error('name the folder of the runs');
const at = words.indexOf('--tuning');
const nPermutations = at === -1 ? 0 : Number(words.splice(at, 2)[1]);

const environment = await nodeEnvironment({
  onProgress: ({ phase, done, total }) => {
    if (done === total) console.error(`${phase} ${total}`);
  },
});
const rows = IMAGE_SETS.flatMap((from) =>
  TARGETS.map((target) => {
    const to = from === '92' ? '118' : '92';
    return { name: `${target.name}-${from}-${to}`.replaceAll(' ', '-'), target, from, to } as const;
  }),
).filter(({ name }) => words.length === 0 || words.includes(name));

const tables: [name: string, rhos: ReadonlyMap<string, number>][] = [];
for (const { name, target, from, to } of rows) {
  const study = algonautsStudy([{ images: from, target }], { test: [{ images: to, target }] });
  const run = await runStudy(study, environment, { nPermutations, stability: nPermutations > 0 });
  const folder = join(out, name);
  await writeRun(folder, run, environment);
  const startedAt = performance.now();
  const { page, bytes } = await writeReport([folder], environment);
  const seconds = (performance.now() - startedAt) / 1000;
  const [{ sheet }] = run.scoring.scored;
  tables.push([name, new Map(sheet.models.map((model) => [model.name, model.rho]))]);
  console.log(
    `\n## ${name}\n\n${describeRun(run)}\n${page}: ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
  );
}

const models = [...new Set(tables.flatMap(([, rhos]) => [...rhos.keys()]))];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(
  `\n## All models, mean signed Spearman rho with the subjects\n\n${alignedTable([
    ['model', ...tables.map(([name]) => name), 'mean'],
    ...models.map((model) => {
      const rhos = tables.map(([, ofModel]) => ofModel.get(model));
      const known = rhos.filter((rho) => rho !== undefined);
      return [model, ...rhos.map((rho) => formatNumber(rho ?? null)), formatNumber(mean(known))];
    }),
  ])}`,
);
