import { builtinModules } from 'node:module'
import { posix } from 'node:path'

/** Who may import whom, as docs/ARCHITECTURE.md draws it: imports point one way. */

interface Layer {
  /** Folders of this layer, from the root of the repository. */
  readonly folders: readonly string[]
  /** Modules it may import, besides its own files; `node:*` stands for all of Node's. */
  readonly allowed: readonly string[]
  /** What its tests may import besides that. */
  readonly allowedInTests?: readonly string[]
}

const packageFolders = (name: string): string[] =>
  ['src', 'test', 'examples', 'bench'].map((folder) => `packages/${name}/${folder}`)
const forTests = ['node:*', 'vitest', 'fast-check']
const everyPackage = ['protocol', 'socketserver', 'transfer', 'server', 'client'].map(
  (name) => `@jftp/${name}`,
)

const LAYERS: readonly Layer[] = [
  {
    folders: packageFolders('protocol'),
    allowed: ['node:buffer', 'node:crypto', 'valibot'],
    allowedInTests: forTests,
  },
  {
    folders: packageFolders('socketserver'),
    allowed: ['node:*', 'unix-dgram'],
    allowedInTests: forTests,
  },
  {
    folders: packageFolders('transfer'),
    allowed: ['node:*', '@jftp/protocol'],
    allowedInTests: forTests,
  },
  {
    folders: packageFolders('server'),
    allowed: [
      'node:*',
      '@jftp/protocol',
      '@jftp/transfer',
      '@jftp/socketserver',
      ...['commander', 'pino', 'pino-pretty', 'prom-client', 'smol-toml', 'valibot'],
    ],
    allowedInTests: forTests,
  },
  {
    folders: packageFolders('client'),
    allowed: [
      'node:*',
      '@jftp/protocol',
      '@jftp/transfer',
      ...['cli-progress', 'commander', 'picomatch', 'smol-toml', 'valibot'],
    ],
    allowedInTests: forTests,
  },
  { folders: ['bin/ftp.js', 'packages/client/bin/ftp.js'], allowed: ['@jftp/client/cli'] },
  { folders: ['bin/ftpd.js', 'packages/server/bin/ftpd.js'], allowed: ['@jftp/server/cli'] },
  { folders: ['test'], allowed: [...forTests, ...everyPackage] },
  { folders: ['bench/src', 'demo/src'], allowed: ['node:*', ...everyPackage] },
]

/** What is wrong with the imports of one file, given as its path from the root and its text; none is fine. */
export function breachesOf(file: string, text: string): string[] {
  const layer = LAYERS.find(({ folders }) => folders.some((folder) => isWithin(file, folder)))
  if (layer === undefined) return [`${file} belongs to no layer: give it a place in docs/ARCHITECTURE.md`]
  return importsOf(text)
    .map((specifier) => whatIsWrong(file, layer, specifier))
    .filter((wrong) => wrong !== undefined)
}

/** Every module a text names: static and dynamic imports, exports from elsewhere, requires, resolutions. */
export function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const forms = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\brequire(?:\.resolve)?\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\bimport\.meta\.resolve\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ]
  return forms.flatMap((form) => [...code.matchAll(form)].map(([, specifier = '']) => specifier))
}

function whatIsWrong(file: string, layer: Layer, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier)
    if (layer.folders.some((folder) => isWithin(target, folder))) return undefined
    return `${file} reaches out of its package: ${specifier}`
  }
  if (builtinModules.includes(specifier)) return `${file} imports ${specifier} without node:`
  const isTest = /\.test\.ts$|^packages\/[^/]+\/(test|examples|bench)\//.test(file)
  // A package's tests may also use it as others do, by its name.
  const ownName = file.replace(/^packages\/([^/]+)\/.*/, '@jftp/$1')
  const allowed = [...layer.allowed, ...(isTest ? [...(layer.allowedInTests ?? []), ownName] : [])]
  if (
    allowed.some((module) => module === specifier || (module === 'node:*' && specifier.startsWith('node:')))
  ) {
    return undefined
  }
  return `${file} may not import ${specifier}`
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`)
}
