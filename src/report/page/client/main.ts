import type { PageData } from '../page-data.ts';
import { offerDownloads } from './downloads.ts';
import { readSet } from './inspected-arrays.ts';
import { startInspector } from './inspector.ts';
import { makeScrollable } from './scrollable.ts';
import { startTabs } from './tabs.ts';
import { startThemeSwitch } from './theme-switch.ts';

const data = JSON.parse(document.getElementById('page-data')?.textContent ?? '{}') as PageData;

document.documentElement.classList.add('scripted');
startThemeSwitch();
offerDownloads(data.files);
for (const set of data.sets) {
  const root = document.getElementById(set.id);
  if (root !== null) startInspector(root, readSet(set), data.palette);
}
startTabs();
makeScrollable();
