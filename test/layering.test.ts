import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { breachesOf, circlesOf, FOLDERS, importsOf } from './import-rules.js'

const root = new URL('../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')

/** Every file of code in the repository that is ours. */
const files = ['packages', 'bin', 'test', 'bench', 'demo']
  .flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file}`,
    ),
  )
  .filter((file) => /\.[cm]?[jt]s$/.test(file) && !/(^|\/)(node_modules|dist|bundle)\//.test(file))

/** Those that packages are made of. */
const sources = files.filter((file) => /^packages\/[^/]+\/src\//.test(file) && !file.endsWith('.test.ts'))

/** See CONTRIBUTING.md. */
const MAX_LINES = 250

describe('the layers', () => {
  test('all code is looked at', () => {
    expect(files.length).toBeGreaterThan(20)
    for (const name of ['protocol', 'socketserver', 'transfer', 'server', 'client']) {
      expect(files).toContain(`packages/${name}/src/index.ts`)
    }
    expect(files).toContain('packages/cli/src/main.ts')
    expect(files).toEqual(expect.arrayContaining(['bin/ftp.js', 'bin/ftpd.js', 'test/layering.test.ts']))
  })

  test('no file imports what its layer may not', () => {
    expect(files.flatMap((file) => breachesOf(file, read(file)))).toEqual([])
  })

  test.each(Object.entries(FOLDERS))('docs/ARCHITECTURE.md shows the arrows of %s', (name, rules) => {
    const arrows = Object.entries(rules).map(
      ([folder, allowed]) => `${folder} → ${allowed.join(', ') || 'nothing'}`,
    )
    const [, shown] = read('docs/ARCHITECTURE.md').split(`\n# src/ of ${name}\n`)
    expect(shown?.split('\n').slice(0, arrows.length + 1)).toEqual([
      ...arrows,
      expect.stringMatching(/^(```)?$/),
    ])
  })

  test('no files of a package load each other in a circle', () => {
    expect(circlesOf(new Map(sources.map((file) => [file, read(file)])))).toEqual([])
  })

  test('no file of a package is too long for one story', () => {
    const lengths = sources.map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
    expect(lengths.filter(({ lines }) => lines > MAX_LINES)).toEqual([])
  })

  test('only one file knows cli-progress', () => {
    const users = files.filter((file) =>
      importsOf(read(file)).some(({ specifier }) => specifier === 'cli-progress'),
    )
    expect(users.filter((file) => !file.endsWith('.test.ts')).length).toBeLessThanOrEqual(1)
  })

  test('whoever installs the library gets three packages with it, one more if there is a native blake3, and no command-line library', () => {
    const needs = (name: string): string[] => {
      const manifest = JSON.parse(read(`packages/${name}/package.json`)) as Manifest
      const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
      return names.flatMap((need) =>
        need.startsWith('@jftp/') ? needs(need.slice('@jftp/'.length)) : [need],
      )
    }
    expect(new Set(needs('client'))).toEqual(
      new Set(['valibot', 'bcrypt-pbkdf', 'hash-wasm', '@napi-rs/blake-hash']),
    )
  })

  test("what a package imports is among its package.json's dependencies", () => {
    for (const file of sources) {
      const manifest = JSON.parse(read(file.replace(/\/src\/.*/, '/package.json'))) as Manifest
      const known = {
        ...manifest.dependencies,
        ...manifest.optionalDependencies,
        // These are in the bundle of the command, so that nobody who installs it needs them.
        ...(file.startsWith('packages/cli/') ? manifest.devDependencies : {}),
      }
      for (const { specifier: module } of importsOf(read(file))) {
        if (/^(\.|node:)/.test(module)) continue
        expect(Object.keys(known), file).toContain(
          module.split('/', module.startsWith('@') ? 2 : 1).join('/'),
        )
      }
    }
  })
})

interface Manifest {
  readonly dependencies?: Record<string, string>
  readonly optionalDependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}

interface Sample {
  readonly file: string
  readonly text: string
}

describe('a source text that', () => {
  // As data, so that these texts are not taken for imports of this file.
  const { breaches, allowed } = JSON.parse(read('test/layering-samples.json')) as Record<string, Sample[]>

  test.each(breaches ?? [])('breaches is found: $file $text', ({ file, text }) => {
    expect(breachesOf(file, text)).toHaveLength(1)
  })

  test('loads another in a circle is found, one that needs only its types passes', () => {
    const importing = (names: string, from: string) => `import ${names} from '${from}'`
    const b = ['packages/x/src/b.ts', importing('{ a }', './a.js')] as const
    const a = (names: string) => ['packages/x/src/a.ts', importing(names, './b.js')] as const
    expect(circlesOf(new Map([a('{ b, type B }'), b]))).toEqual([[a('')[0], b[0], a('')[0]]])
    expect(circlesOf(new Map([a('{ type B }'), b]))).toEqual([])
  })

  test.each(allowed ?? [])('keeps the rules passes: $file $text', ({ file, text }) => {
    expect(breachesOf(file, text)).toEqual([])
  })
})
