import { fileURLToPath } from 'node:url'
import { defineConfig } from 'rolldown'
import { licences } from '../../licences.js'

/*
 * ftpd is loaded from a few files instead of some two hundred. Each worker thread loads its program for itself, so to
 * find, read and link the files was most of the work of a start, and it took a hundred descriptors for a moment.
 *
 * The files must lie in a folder beside package.json, from which the server reads its version. The programs of the
 * worker threads must lie beside the others, because their paths are computed from theirs, and be made together with
 * them, because they share their classes.
 */
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  input: {
    ftpd: here('./dist/cli/main.js'),
    'thread-main': here('../socketserver/dist/threads/thread-main.js'),
    'ftp-request-handler': here('./dist/ftp-request-handler.js'),
  },
  platform: 'node',
  // Native code can't be bundled, and ftpd does without it. The others are loaded only where they are used.
  external: [
    ...['@napi-rs/blake-hash', '@peculiar/x509', 'reflect-metadata'],
    ...['pino', 'pino-pretty', 'prom-client', 'smol-toml'],
  ],
  output: { dir: here('./bundle'), cleanDir: true, chunkFileNames: '[name].js' },
  plugins: [licences],
})
