import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// Tests on real brain data and networks, found through HYPERCOLUMN_DATA; `npm test` leaves them out because a clone does not have them.
export default defineConfig({
  test: { ...base.test, include: ['test/**/*.real.test.ts'], exclude: ['node_modules/**'], testTimeout: 600_000 },
});
