import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const settings = {
  // Real processes and sockets on shared machines: a slow moment is not a failure.
  testTimeout: 180_000,
  hookTimeout: 180_000,
}

/**
 * Each of these runs three times, once for each of SERVERS in test/daemon.ts: what a user does with `ftp` and
 * the library must come to the same whatever serves. Of the tests of ftpd, those are here that wait so long that
 * the three servers should not be tested one after the other; the others have `describe.each(SERVERS)`.
 */
const forEachServer = [
  'test/ftp-*.test.ts',
  'test/client-*.test.ts',
  'test/ftpd-deadlines.test.ts',
  'test/ftpd-limit-rate.test.ts',
  'test/trust-memory.test.ts',
]

/**
 * Exceptions, which run once. A file may be here if neither the threads of ftpd nor the socket can change what it
 * tests, for one of two reasons: no ftpd takes part in it, or it is about what the client and `ftp` do by
 * themselves (arguments, output, exit codes, the client's own rate limit) and another file, which runs three
 * times, has the same requests.
 */
const once = [
  // No ftpd takes part: a scripted server answers.
  'test/client-deadline.test.ts',
  'test/client-hostile.test.ts',
  'test/client-hostile-tree.test.ts',
  'test/ftp-hostile.test.ts',
  // No server at all.
  'test/ftp-completion.test.ts',
  'test/ftp-code-cache.test.ts',
  // Before the first request, or between the client and its own socket.
  'test/client-arguments.test.ts',
  'test/client-limit-rate.test.ts',
  // Start their own servers: there is no TLS on a Unix socket.
  'test/ftp-network.test.ts',
  'test/ftp-tls.test.ts',
  // `ftp` starts the server, which is always the same.
  'test/ftp-share.test.ts',
  // Output and exit codes; client-files, client-find, client-listing and ftp-urls have the requests.
  'test/ftp-command-table.test.ts',
  'test/ftp-commands.test.ts',
  'test/ftp-edit.test.ts',
  'test/ftp-failures.test.ts',
  'test/ftp-output.test.ts',
  // What is on the screen; client-resume and client-transfers have the requests.
  'test/ftp-resume.test.ts',
  'test/ftp-screen.test.ts',
  // Output; client-server-files has the requests.
  'test/ftp-server-files.test.ts',
]

export default defineConfig({
  test: {
    // Most tests wait for a process, a disk or a clock, so that there may be more of them than cores.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'threads',
          include: ['packages/*/{src,test}/**/*.test.ts', 'test/**/*.test.ts'],
          ...settings,
        },
      },
      ...['event loop', 'Unix socket'].map((name, index) => ({
        test: {
          name,
          include: forEachServer,
          exclude: once,
          env: { JFTP_TEST_SERVER: `${index + 1}` },
          ...settings,
        },
      })),
    ],
  },
})
