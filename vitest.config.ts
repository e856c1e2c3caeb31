import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  // Examples import the package by its name, as a user's program does.
  resolve: {
    alias: [
      { find: /^hypercolumn$/, replacement: source('index.ts') },
      { find: /^hypercolumn\/node$/, replacement: source('node.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['node_modules/**', 'test/**/*.real.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
