import { defineConfig } from 'vitest/config'

const settings = {
  // Real processes and sockets on shared machines: a slow moment is not a failure.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Whoever runs the tests may have users and settings of their own.
  env: { XDG_CONFIG_HOME: '/nowhere' },
}

/** What a user does with `ftp` and the library must come to the same whatever serves: see SERVERS in test/daemon.ts. */
const users = ['test/ftp-*.test.ts', 'test/client-*.test.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'threads',
          include: ['packages/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
          ...settings,
        },
      },
      {
        test: {
          name: 'event loop',
          include: users,
          ...settings,
          env: { ...settings.env, JFTP_TEST_SERVER: '1' },
        },
      },
      {
        test: {
          name: 'Unix socket',
          include: users,
          ...settings,
          env: { ...settings.env, JFTP_TEST_SERVER: '2' },
        },
      },
    ],
  },
})
