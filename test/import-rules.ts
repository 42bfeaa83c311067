import { builtinModules } from 'node:module'
import { posix } from 'node:path'

/** Who may import whom, as docs/ARCHITECTURE.md draws it: imports point one way. */

interface Layer {
  /** Folders of this layer, from the root of the repository. */
  readonly folders: readonly string[]
  /** Modules it may import, besides its own files; `node:*` stands for all of Node's. */
  readonly allowed: readonly string[]
  /** Modules that it may only resolve, because it starts them as programs of their own. */
  readonly programs?: readonly string[]
  /** What its tests may import besides that. */
  readonly allowedInTests?: readonly string[]
}

const packageFolders = (name: string): string[] =>
  ['src', 'test', 'examples', 'bench'].map((folder) => `packages/${name}/${folder}`)
const forTests = ['node:*', 'vitest', 'fast-check']
const everyPackage = ['protocol', 'socketserver', 'transfer', 'server', 'client'].map(
  (name) => `@jftp/${name}`,
)

/**
 * Which folders of a package's src may import which others; `.` is the files directly in src, which any folder
 * may use and which may themselves use every folder. `types:x` allows types of x alone, `x/y` that one file.
 * A package that is not listed has no rules inside. docs/ARCHITECTURE.md shows this table.
 */
export const FOLDERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  client: {
    errors: [],
    calls: ['errors', 'types:connection', 'types:retry'],
    trust: ['errors'],
    keys: ['errors'],
    connection: ['errors', 'calls', 'keys', 'types:trust'],
    upload: ['errors', 'calls', 'types:connection'],
    download: ['errors', 'calls', 'types:connection'],
    retry: ['errors', 'types:connection'],
    segments: ['errors', 'calls', 'download', 'types:connection', 'types:retry'],
    tree: ['errors'],
    sync: ['errors', 'tree'],
  },
  cli: {
    text: [],
    progress: ['text'],
    settings: ['text', 'types:progress', 'types:commands'],
    output: ['text', 'types:settings'],
    locations: ['text', 'types:settings'],
    jobs: ['progress', 'output'],
    'one-off': [],
    commands: ['text', 'progress', 'settings', 'output', 'locations', 'one-off', 'types:jobs'],
    shell: ['text', 'settings', 'output', 'locations', 'jobs', 'commands'],
    invocation: ['text', 'settings', 'output', 'locations', 'jobs', 'commands', 'shell'],
  },
  server: {
    accounts: ['visitors', 'types:session'],
    visitors: ['types:storage/storage', 'types:programs'],
    storage: ['types:visitors'],
    programs: ['types:commands/json-lines', 'types:storage/storage'],
    commands: ['types:storage/storage', 'types:visitors', 'types:programs'],
    session: ['commands', 'types:storage/storage', 'types:visitors', 'types:programs'],
    'session-table': ['types:session'],
    metrics: ['types:accounts', 'types:session', 'types:session-table'],
    tls: ['types:session'],
    control: ['session-table', 'types:cli'],
    webhooks: ['storage/daemon-id', 'storage/life-sign', 'storage/path-walk', 'storage/reserved-folder'],
    'one-off': [
      ...['accounts', 'cli', 'storage/partial-folder', 'storage/path-walk', 'storage/staging-sweep'],
      'types:storage/shared-storage',
    ],
    cli: [
      'accounts',
      'visitors',
      'types:programs',
      'types:session',
      'types:session-table',
      'types:metrics',
      'control',
      'tls',
      'types:storage/shared-storage',
      'one-off',
    ],
  },
}

const LAYERS: readonly Layer[] = [
  {
    folders: packageFolders('protocol'),
    allowed: [
      ...['node:buffer', 'node:crypto', 'valibot', '@napi-rs/blake-hash', 'hash-wasm'],
      ...['hash-wasm/dist/blake3.umd.min.js', 'hash-wasm/dist/xxhash128.umd.min.js'],
    ],
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
      ...['@peculiar/x509', 'reflect-metadata'],
    ],
    allowedInTests: forTests,
  },
  {
    folders: packageFolders('client'),
    allowed: ['node:*', '@jftp/protocol', '@jftp/transfer', 'bcrypt-pbkdf', 'valibot'],
    allowedInTests: forTests,
  },
  {
    folders: packageFolders('cli'),
    allowed: [
      'node:*',
      '@jftp/client',
      '@jftp/protocol',
      ...['cli-progress', 'commander', 'smol-toml', 'uqr', 'valibot'],
    ],
    programs: ['@jftp/server/cli'],
    allowedInTests: forTests,
  },
  { folders: ['bin/ftp.js', 'packages/cli/bin/ftp.js'], allowed: ['@jftp/cli'] },
  {
    folders: [
      'packages/cli/rolldown.config.js',
      'packages/server/rolldown.config.js',
      'licences.js',
      'builtins.js',
    ],
    allowed: ['node:*', 'rolldown'],
  },
  {
    // They run after the compiler, and read what it has made of the tables.
    folders: ['cli', 'server']
      .flatMap((name) => [`packages/${name}/scripts`, `packages/${name}/dist`])
      .concat('manual-page.js'),
    allowed: ['node:*', 'rolldown'],
  },
  { folders: ['bin/ftpd.js', 'packages/server/bin/ftpd.js'], allowed: ['@jftp/server/cli'] },
  { folders: ['test'], allowed: [...forTests, ...everyPackage, 'ajv'] },
  { folders: ['bench/src', 'demo/src'], allowed: ['node:*', ...everyPackage] },
]

/** One module that a text names. */
export interface Import {
  readonly specifier: string
  /** Types alone are imported: nothing of the module is loaded. */
  readonly typesOnly: boolean
  /** It is not loaded: `resolve` of `import.meta` or of a `require` says where it is. */
  readonly isResolved: boolean
}

/** What is wrong with the imports of one file, given as its path from the root and its text; none is fine. */
export function breachesOf(file: string, text: string): string[] {
  const layer = LAYERS.find(({ folders }) => folders.some((folder) => isWithin(file, folder)))
  if (layer === undefined) return [`${file} belongs to no layer: give it a place in docs/ARCHITECTURE.md`]
  return importsOf(text)
    .map((each) => whatIsWrong(file, layer, each) ?? whatFolderRuleIsBroken(file, each))
    .filter((wrong) => wrong !== undefined)
}

/** Every module a text names: static and dynamic imports, exports from elsewhere, requires, resolutions. */
export function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const statics = /^\s*(?:import|export)\b([^'"`;]*?)\bfrom\s*['"]([^'"]+)['"]/gm
  const others = [
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\brequire(?:\.resolve)?\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ]
  const resolved =
    /\b(?:import\.meta|createRequire\(import\.meta\.url\))\.resolve\s*\(\s*['"`]([^'"`]+)['"`]/g
  return [
    ...[...code.matchAll(statics)].map(([, names = '', specifier = '']) => ({
      specifier,
      typesOnly: isTypesOnly(names.trim()),
      isResolved: false,
    })),
    ...[...others, resolved].flatMap((form) =>
      [...code.matchAll(form)].map(([, specifier = '']) => ({
        ...{ specifier, typesOnly: false },
        isResolved: form === resolved,
      })),
    ),
  ]
}

/** The circles of files that load each other, each as a list of files; a circle of types alone loads nothing. */
export function circlesOf(texts: ReadonlyMap<string, string>): string[][] {
  const circles: string[][] = []
  const finished = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) circles.push([...path.slice(start), file])
    if (start >= 0 || finished.has(file)) return
    for (const { specifier, typesOnly } of importsOf(texts.get(file) ?? '')) {
      const target = targetOf(file, specifier)
      if (!typesOnly && texts.has(target)) visit(target, [...path, file])
    }
    finished.add(file)
  }
  for (const file of texts.keys()) visit(file, [])
  return circles
}

/** `{ type A, type B }` and `type { A }` import no values. */
function isTypesOnly(names: string): boolean {
  if (names.startsWith('type ')) return true
  const [, list] = /^\{([\s\S]*)\}$/.exec(names) ?? []
  const each = list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return each?.every((name) => name.startsWith('type ')) ?? false
}

/** The source file that a relative import names. */
function targetOf(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
}

function whatFolderRuleIsBroken(file: string, { specifier, typesOnly }: Import): string | undefined {
  if (!specifier.startsWith('.') || file.endsWith('.test.ts')) return undefined
  const [, name = '', folder] = /^packages\/([^/]+)\/src\/([^/]+)\//.exec(file) ?? []
  const [, target, targetFolder] =
    /^packages\/[^/]+\/src\/(([^/]+)\/.*)\.ts$/.exec(targetOf(file, specifier)) ?? []
  const rules = FOLDERS[name]
  if (rules === undefined || folder === undefined || targetFolder === undefined) return undefined
  if (folder === targetFolder) return undefined
  const allowed = rules[folder]
  if (allowed === undefined) return `${file}: src/${folder} has no rule in test/import-rules.ts`
  const matches = [targetFolder, target, ...(typesOnly ? [`types:${targetFolder}`, `types:${target}`] : [])]
  if (matches.some((each) => each !== undefined && allowed.includes(each))) return undefined
  return `${file} may not import ${specifier}: src/${folder} may use ${allowed.join(', ') || 'no other folder'}`
}

function whatIsWrong(file: string, layer: Layer, { specifier, isResolved }: Import): string | undefined {
  if (isResolved && layer.programs?.includes(specifier)) return undefined
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
