import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const src = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

const { exports } = JSON.parse(readFileSync(src('../package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};

/** The sources of what `package.json` exports. */
const ENTRY_POINTS = Object.values(exports)
  .flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]))
  .map((types) => src(types.replace('./dist/', '').replace('.d.ts', '.ts')));

test('everything that the package exports has a doc comment', () => {
  const program = ts.createProgram(ENTRY_POINTS, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const bare: string[] = [];
  let nExports = 0;
  for (const path of ENTRY_POINTS) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path)!)!;
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      nExports++;
      if (symbol.getDocumentationComment(checker).length > 0) continue;
      const [declaration] = symbol.declarations ?? [];
      bare.push(`${exported.name} (${declaration?.getSourceFile().fileName.replace(src(''), 'src/') ?? 'unresolved'})`);
    }
  }
  expect(nExports).toBeGreaterThan(80);
  expect(bare).toEqual([]);
});
