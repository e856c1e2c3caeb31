import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** The folders' order: each may import itself and those named. A line of `folder/file.ts` allows that file alone. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  formats: ['core'],
  rdm: ['core'],
  inference: ['rdm', 'core'],
  images: ['core'],
  graph: ['formats', 'core'],
  engine: ['graph', 'core'],
  backbones: ['graph', 'formats', 'images', 'engine/session.ts', 'core'],
  features: ['backbones', 'engine/session.ts', 'images', 'formats', 'core'],
  encoder: ['features', 'graph', 'rdm', 'core'],
  training: ['encoder', 'features', 'backbones', 'graph', 'engine/session.ts', 'rdm', 'formats', 'core'],
  simulation: ['encoder', 'features', 'rdm', 'images', 'core'],
  study: [
    'simulation',
    'training',
    'encoder',
    'features',
    'backbones',
    'engine/session.ts',
    'graph',
    'images',
    'inference',
    'rdm',
    'formats',
    'core',
  ],
  report: ['study', 'inference', 'rdm', 'core'],
  host: ['formats', 'images', 'core'],
  cli: ['study', 'report', 'host', 'engine', 'node.ts', 'core'],
  web: ['study', 'report', 'engine'],
};

const MAX_LINES = 400;
const files = sourceFiles(SRC);
const graph = new Map(files.map((file) => [file, importsOf(file)]));

describe('every source file', () => {
  test('lies in a folder that the table names, or is an entry point', () => {
    const strangers = files.filter((file) => file.includes('/') && !(folderOf(file) in MAY_IMPORT));
    expect(strangers).toEqual([]);
    expect(files.length).toBeGreaterThan(50);
  });

  test.each(Object.entries(MAY_IMPORT))('of %s imports only what is allowed', (folder, allowed) => {
    const wrong = importsWhere(
      (file) => folderOf(file) === folder,
      (from) => from.startsWith('src/') && !isAllowed(from.slice(4), folder, allowed),
    );
    expect(wrong).toEqual([]);
  });

  test('imports node: modules only in host, cli, engine/node.ts and the Node entry point', () => {
    const free = (file: string) =>
      !['host', 'cli'].includes(folderOf(file)) && file !== 'engine/node.ts' && file !== 'node.ts';
    expect(importsWhere(free, (from) => from.startsWith('node:') || BUILT_IN.has(from.split('/')[0]))).toEqual([]);
  });

  test('leaves onnxruntime to the engine, and sharp to host', () => {
    const outside = (folder: string) => (file: string) => folderOf(file) !== folder;
    expect(importsWhere(outside('engine'), (from) => from.startsWith('onnxruntime'))).toEqual([]);
    expect(importsWhere(outside('host'), (from) => from === 'sharp')).toEqual([]);
  });

  test('names relative imports with their ending', () => {
    const wrong = importsWhere(
      () => true,
      (from) => from.startsWith('src/') && !/\.(ts|json|js)$/.test(from),
    );
    expect(wrong).toEqual([]);
  });

  test(`has at most ${MAX_LINES} lines, unless it is generated`, () => {
    const long = files
      .filter((file) => !/(_pb|\.generated)\.ts$/.test(file))
      .map((file) => [file, readFileSync(join(SRC, file), 'utf8').trimEnd().split('\n').length] as const)
      .filter(([, lines]) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  test('has a name that says what it is about', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|misc|common)(\/|\.ts$)/.test(file))).toEqual([]);
  });
});

test('the command line loads commander and no other package before a command runs', () => {
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { from, kind } of graph.get(file) ?? []) {
      if (kind === 'value') load(from.startsWith('src/') ? from.slice(4) : from);
    }
  };
  load('cli/main.ts');
  expect(loaded).toContain('cli/commands/index.ts');
  expect([...loaded].filter((file) => !graph.has(file) && !file.startsWith('node:'))).toEqual(['commander']);
});

test('no two source files import each other in a circle, types aside', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const { from, kind } of graph.get(file) ?? []) {
      if (kind === 'value' && from.startsWith('src/')) walk(from.slice(4), [...path, file]);
    }
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

describe('the checks themselves', () => {
  test('see static, type-only, dynamic, re-exporting and in-type imports', () => {
    const text = `import a from '../rdm/a.ts'; import type { B } from './b.ts'; export * from "../core/c.ts";
      const d = await import('../host/d.ts'); type E = import('../web/e.ts').E; import 'node:fs';`;
    expect(readImports('engine/x.ts', text)).toEqual([
      { from: 'src/rdm/a.ts', kind: 'value' },
      { from: 'src/engine/b.ts', kind: 'type' },
      { from: 'src/core/c.ts', kind: 'value' },
      { from: 'src/host/d.ts', kind: 'dynamic' },
      { from: 'src/web/e.ts', kind: 'type' },
      { from: 'node:fs', kind: 'value' },
    ]);
  });

  test('tell an allowed file of a folder from its neighbours', () => {
    expect(isAllowed('engine/session.ts', 'features', MAY_IMPORT['features'])).toBe(true);
    expect(isAllowed('engine/node.ts', 'features', MAY_IMPORT['features'])).toBe(false);
    expect(isAllowed('rdm/rdm.ts', 'features', MAY_IMPORT['features'])).toBe(false);
    expect(isAllowed('index.ts', 'study', MAY_IMPORT['study'])).toBe(false);
  });
});

interface Import {
  /** `src/...` for a file of ours, else the module's name. */
  readonly from: string;
  readonly kind: 'value' | 'type' | 'dynamic';
}

const BUILT_IN = new Set(['fs', 'path', 'os', 'crypto', 'http', 'https', 'url', 'util', 'stream', 'zlib', 'process']);

function isAllowed(file: string, folder: string, allowed: readonly string[]): boolean {
  return folderOf(file) === folder || allowed.includes(folderOf(file)) || allowed.includes(file);
}

function importsWhere(isFile: (file: string) => boolean, isImport: (from: string) => boolean): string[] {
  return files
    .filter(isFile)
    .flatMap((file) => graph.get(file)!.flatMap(({ from }) => (isImport(from) ? [`${file} imports ${from}`] : [])));
}

function importsOf(file: string): Import[] {
  return readImports(file, readFileSync(join(SRC, file), 'utf8'));
}

function readImports(file: string, text: string): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: Import['kind']) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const { text: from } = specifier;
    const path = from.startsWith('.') ? `src/${slashes(join(dirname(file), from))}` : from;
    imports.push({ from: path, kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause) ? 'type' : 'value');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value');
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type');
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], 'dynamic');
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return imports;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => slashes(relative(SRC, resolve(folder, file))))
    .filter((file) => /\.tsx?$/.test(file))
    .sort();
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
