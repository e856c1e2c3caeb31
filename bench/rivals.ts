// Rivals of the transfer benchmark: each learns from one image set, where it learns, and is tested on the other, both ways. Mean signed
// Spearman rho with the 15 subjects; MEG on time-averaged RDMs. Run: HYPERCOLUMN_DATA=DIR npm run bench:rivals
import { nodeEnvironment } from '../src/node.ts';
import { alignedTable, formatNumber } from '../src/report/table.ts';
import { IMAGE_SETS, TARGETS } from './algonauts.ts';
import { openRivals } from './rivals-on-sets.ts';

const transfer = await openRivals(await nodeEnvironment());
const rows = TARGETS.flatMap(({ name }) => IMAGE_SETS.map((from) => ({ name, from })));
const found: { rho: Map<string, number>; seconds: number }[] = [];
for (const { name, from } of rows) {
  const startedAt = performance.now();
  const rho = await transfer(name, from);
  found.push({ rho, seconds: (performance.now() - startedAt) / 1000 });
}
const names = [...found[0].rho.keys()];
const means = names.map((rival) => found.reduce((sum, { rho }) => sum + rho.get(rival)! / found.length, 0));
console.log(
  alignedTable([
    ['learnt -> tested', ...names, 'seconds'],
    ...rows.map(({ name, from }, k) => [
      `${name} ${from} -> ${from === '92' ? '118' : '92'}`,
      ...names.map((rival) => formatNumber(found[k].rho.get(rival)!)),
      found[k].seconds.toFixed(1),
    ]),
    ['mean of 8', ...means.map((mean) => formatNumber(mean)), ''],
  ]),
);
