import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,reference,property,contract,package}/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'forks',
  },
});
