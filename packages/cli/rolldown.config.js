import { fileURLToPath } from 'node:url'
import { defineConfig } from 'rolldown'
import { builtins } from '../../builtins.js'
import { licences } from '../../licences.js'

/*
 * `ftp` is loaded from a few files instead of more than a hundred, because to find, read and link each of them was
 * measured to take a third of the time of a short command. They are CommonJS: Node has less to load for it, and
 * compiled code can be kept for it (src/code-cache.ts). What a command does not need is in files of its own, which are
 * loaded when it is needed.
 *
 * The files must lie in a folder beside package.json, from which the library reads its version, and the transfer
 * thread's program must lie beside the others, because its path is computed from theirs.
 */
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Native code can't be bundled, and `ftp` does without if it is missing. */
const external = ['@napi-rs/blake-hash']

/** What short commands need. Each other module is in a file that is loaded with the first command that needs it. */
const first = ['./dist/invocation/run-ftp.js', './dist/commands/put.js', './dist/commands/get.js'].map(here)
let core

/** `core` for these modules and all that they import. */
function nameOf(module, context) {
  core ??= withImports(first, context)
  return core.has(module) ? 'core' : null
}

function withImports(modules, context) {
  const found = new Set(modules)
  // What is added while a set is walked through has its turn as well.
  for (const module of found) {
    for (const imported of [...(context.getModuleInfo(module)?.importedIds ?? [])]) found.add(imported)
  }
  return found
}

/** `ftp --version` needs no more than this. */
const version = /\/cli\/dist\/product-version\.js$/

/** What loads the core. */
const loader = /\/cli\/dist\/(code-cache|user-folders)\.js$/

/** Node's own modules that most commands do without. They are loaded where they are used, and not at the start. */
const seldom = ['child_process', 'fs/promises', 'stream/consumers', 'worker_threads']

const onDemand = {
  name: 'on-demand',
  renderChunk: (code) => seldom.reduce(withoutStart, code),
}

function withoutStart(code, module) {
  const line = new RegExp(`^\\t?(?:let|const) (\\w+) = (require\\("node:${module}"\\));$`, 'm').exec(code)
  if (line === null) return code
  const [declaration, name, load] = line
  const uses = new RegExp(`(?<![\\w.])${name}\\.`, 'g')
  return code.replace(declaration, '').replace(uses, `(${load}).`)
}

/** V8 keeps and copies a text in half the memory if it is ASCII, and Node decodes it faster. */
const ascii = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\x7f]/g, escaped)
    }
  },
}

const escaped = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

export default defineConfig([
  {
    input: { ftp: here('./dist/main.js') },
    platform: 'node',
    external,
    // Some modules are both imported and loaded on demand; here the first decides.
    checks: { ineffectiveDynamicImport: false },
    output: {
      dir: here('./bundle'),
      cleanDir: true,
      comments: false,
      format: 'cjs',
      dynamicImportInCjs: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      codeSplitting: {
        groups: [
          { name: 'version', test: version, priority: 2 },
          { name: 'code-cache', test: loader, priority: 2 },
          { name: nameOf, debugName: 'core', priority: 1 },
        ],
      },
    },
    plugins: [licences, onDemand, ascii],
  },
  {
    input: { 'transfer-worker': here('../transfer/dist/transfer-worker.js') },
    platform: 'node',
    external,
    output: { dir: here('./bundle'), chunkFileNames: 'transfer-[name].js' },
    plugins: [builtins],
  },
])
