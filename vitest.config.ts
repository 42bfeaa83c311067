import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
    // Real processes and sockets on shared machines: a slow moment is not a failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
