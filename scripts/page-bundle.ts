import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const page = (path: string) => fileURLToPath(new URL(`../src/report/page/${path}`, import.meta.url));

/** The file that holds the bundle. */
export const GENERATED = page('client.generated.ts');

/** The text of that file: the page's script, its hash for the page's policy, and its style. */
export async function bundlePage(): Promise<string> {
  const script = await bundle('client/main.ts');
  const style = await bundle('client/page.css');
  const hash = createHash('sha256').update(script).digest('base64');
  return `// Made by npm run page from client/; a test holds them together.
/** The script of every page. */
export const CLIENT_SCRIPT = ${JSON.stringify(script)};
/** Its SHA-256, base64. */
export const CLIENT_SCRIPT_SHA256 = ${JSON.stringify(hash)};
/** The style of every page. */
export const CLIENT_STYLE = ${JSON.stringify(style)};
`;
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [page(entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2022', 'chrome113', 'firefox113', 'safari16.4'],
    charset: 'ascii',
    legalComments: 'none',
  });
  const text = outputFiles[0].text.trim();
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${entry}: its bundle would end the element it stands in`);
  return text;
}
