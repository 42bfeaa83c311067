import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'rolldown'

/*
 * `ftp` is loaded from a few files instead of more than a hundred, because to find, read and link each of them was
 * measured to take a third of the time of a short command. What a command does not need is in files of its own,
 * which are loaded when it is needed.
 *
 * The files must lie in a folder beside package.json, from which the library reads its version, and the transfer
 * thread's program must lie beside the others, because its path is computed from theirs.
 */
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The licences of the libraries in the bundle ask for a copy of their text. */
const licences = {
  name: 'licences',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    const folders = new Set(
      modules.flatMap((id) => /^.*[/]node_modules[/](?:@[^/]+[/])?[^/]+/.exec(id) ?? []),
    )
    const texts = [...folders].sort().map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
      if (file === undefined) throw new Error(`${name} is in the bundle and has no licence`)
      return `# ${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    })
    this.emitFile({ type: 'asset', fileName: 'LICENCES.md', source: texts.join('\n') })
  },
}

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
