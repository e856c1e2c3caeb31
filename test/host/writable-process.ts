import { checkReplaceable, checkWritable } from '../../src/host/index.ts';

// The superuser may write anywhere, so the checks are asked as nobody.
if (process.getuid?.() === 0) process.setuid?.(65534);
const [file, folder] = process.argv.slice(2);
const said = (error: Error) => `${error.name}: ${error.message}`;
for (const check of [checkWritable(file), checkReplaceable(folder, ['marker'])]) {
  console.log(await check.then(() => 'may be written', said));
}
