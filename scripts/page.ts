// Bundles the script and the style of report pages into a file of the sources. Run: npm run page
import { writeFileSync } from 'node:fs';
import { bundlePage, GENERATED } from './page-bundle.ts';

writeFileSync(GENERATED, await bundlePage());
