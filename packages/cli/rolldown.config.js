import { fileURLToPath } from 'node:url'
import { defineConfig } from 'rolldown'
import { licences } from '../../licences.js'

/*
 * `ftp` is loaded from a few files instead of more than a hundred, because to find, read and link each of them was
 * measured to take a third of the time of a short command. What a command does not need is in files of its own,
 * which are loaded when it is needed.
 *
 * The files must lie in a folder beside package.json, from which the library reads its version, and the transfer
 * thread's program must lie beside the others, because its path is computed from theirs.
 */
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Native code can't be bundled, and `ftp` does without if it is missing. */
const external = ['@napi-rs/blake-hash']

/** What nearly every command needs. The shell, bars and patterns are in files of their own. */
const core =
  /\/cli\/dist\/(?!main\.|shell\/|progress\/bar)|\/(?:client|protocol|transfer)\/dist\/|\/(?:valibot|commander)\//

/** `ftp --version` needs no more than this. */
const version = /\/cli\/dist\/product-version\.js$/

export default defineConfig([
  {
    input: { ftp: here('./dist/main.js') },
    platform: 'node',
    external,
    // Many modules are both imported and loaded on demand; here the first decides.
    checks: { ineffectiveDynamicImport: false },
    output: {
      dir: here('./bundle'),
      cleanDir: true,
      chunkFileNames: '[name].js',
      codeSplitting: {
        groups: [
          { name: 'version', test: version, priority: 2 },
          { name: 'core', test: core, priority: 1 },
        ],
      },
    },
    plugins: [licences],
  },
  {
    input: { 'transfer-worker': here('../transfer/dist/transfer-worker.js') },
    platform: 'node',
    external,
    output: { dir: here('./bundle'), chunkFileNames: 'transfer-[name].js' },
  },
])
