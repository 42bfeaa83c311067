import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type SchemaObject } from 'ajv'
import { beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'

const schema = JSON.parse(
  readFileSync(new URL('../docs/ftp-json.schema.json', import.meta.url), 'utf8'),
) as SchemaObject & { readonly definitions: Record<string, SchemaObject> }

/** With fields that the schema does not name, a record is right for readers; here they are taken for a mistake. */
const isRecord = new Ajv({ strictTypes: false }).compile(strict(schema) as SchemaObject)

/** What a record is called in the schema: `transfer`. */
const KINDS = Object.values(schema.definitions).flatMap((record) =>
  [record, ...((record['anyOf'] as SchemaObject[] | undefined) ?? [])].flatMap(
    (each) => (each['properties'] as Record<string, { const?: string }> | undefined)?.['event']?.const ?? [],
  ),
)

/** What the tests so far have made `ftp` print. */
const seen = new Set<unknown>()

serveScratch()

beforeEach(() => {
  for (const folder of [scratch.local, scratch.remote]) {
    rmSync(join(folder, 'tree'), { recursive: true, force: true })
    mkdirSync(join(folder, 'tree'))
    writeFileSync(join(folder, 'file'), 'content')
    writeFileSync(join(folder, 'tree/same'), 'same')
  }
  writeFileSync(remote('tree/there'), 'only there')
  writeFileSync(local('tree/here'), 'only here')
  rmSync(local('link'), { force: true })
  symlinkSync('/', local('link'))
  symlinkSync('/', local('tree/link'))
  writeFileSync(local('large'), Buffer.alloc(3_000_000))
})

/** Runs `ftp ARGS --json`; every line that it prints must be as the schema says. Resolves with the kinds of records. */
async function kindsOf(args: readonly string[], url = daemon.url): Promise<Set<unknown>> {
  const { events } = await ftp([...args, '--json', '--no-input', '--max-time', '20'], {
    cwd: scratch.local,
    env: { FTP_URL: `${url}/`, XDG_STATE_HOME: scratch.path, XDG_CONFIG_HOME: scratch.path },
  })
  for (const event of events) {
    expect(isRecord(event), `of the schema, which "pnpm run docs" makes: ${JSON.stringify(event)}`).toBe(true)
  }
  expect(events.at(-1)).toMatchObject({ event: 'result' })
  for (const { event } of events) seen.add(event)
  return new Set(events.map(({ event }) => event))
}

describe('each line of', () => {
  const cases: [args: string[], kinds: string[]][] = [
    [['ls', '-l'], ['entry']],
    [['ls', '-R'], ['entry']],
    [['find'], ['entry']],
    [['stat', 'file'], ['entry']],
    [['pwd'], ['entry']],
    [['lls'], ['local-entry']],
    [['lpwd'], ['local-folder']],
    [['ping'], ['ping']],
    [['help', 'put'], ['help']],
    [['version'], ['version']],
    [['completion', 'fish'], ['completion']],
    [['user'], ['user']],
    [['md5', 'file'], ['digest']],
    [['sha256', 'file'], ['digest']],
    [['du', '-h'], ['usage']],
    [['df'], ['space']],
    [['cp', 'file', 'copy'], ['copy']],
    [['--on-exists', 'skip', 'cp', 'file', 'copy'], ['copy']],
    [['put', 'file'], ['transfer']],
    [['put', '-c', 'file'], ['transfer']],
    [['put', 'file', 'missing'], ['error']],
    [
      ['put', '-r', 'tree'],
      ['transfer', 'warning'],
    ],
    [
      ['put', 'large', '--limit-rate', '2M'],
      ['progress', 'transfer'],
    ],
    [['get', 'file', '-o', 'fetched'], ['transfer']],
    [['get', '-r', 'tree', '-O', '.'], ['transfer']],
    [['get', 'missing'], ['error']],
    [['sync', '-n', 'tree', ':tree', '--delete'], ['planned']],
    [
      ['sync', 'tree', ':tree', '--delete'],
      ['transfer', 'deleted'],
    ],
    [
      ['diff', 'tree', ':tree'],
      ['difference', 'error'],
    ],
    [['rm', 'missing'], ['error']],
    [['set'], ['setting']],
    [['-c', 'alias ll ls', '-c', 'alias'], ['alias']],
    [['-c', 'bookmark add nas jftp://nas/', '-c', 'bookmark'], ['bookmark']],
    [
      ['share', '--host', '127.0.0.1', '--time-limit', '1ms', 'file'],
      ['offer', 'error'],
    ],
    [
      ['receive', '--host', '127.0.0.1', '--time-limit', '1ms'],
      ['offer', 'error'],
    ],
    [
      ['-c', 'lcd tree', '-c', `open ${'jftp://127.0.0.1:1/'}`],
      ['local-folder', 'error'],
    ],
    [['-c', 'put large --limit-rate 1M &', '-c', 'jobs', '-c', 'wait'], ['job']],
  ]
  test.each(cases)('%j is a record of the schema', async (args, kinds) => {
    expect([...(await kindsOf(args))]).toEqual(expect.arrayContaining(kinds))
  })

  test('open', async () => {
    expect(await kindsOf(['-c', `open ${daemon.url}/tree`])).toContain('open')
  })

  test('exec', async () => {
    const config = join(scratch.path, 'ftpd.toml')
    writeFileSync(
      config,
      '[exec.both]\ncommand = ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"]\nusers = ["anonymous"]\n',
    )
    const other = await DaemonProcess.start(scratch.remote, ['--workers', '0', '--config', config])
    expect([...(await kindsOf(['exec', 'both'], other.url))]).toEqual(
      expect.arrayContaining(['program-output', 'program-end', 'error']),
    )
    await other.stop()
  })

  test('any command without arguments is a record of the schema', async () => {
    const { stdout } = await ftp(['help'])
    const names = [...stdout.matchAll(/^ {2}([a-z]\w*)(?:,| {2})/gm)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(40)
    // Each is tried, whatever the one before it came to. Without arguments `receive` waits for an hour.
    const tried = names.filter((name) => name !== 'exit' && name !== 'receive')
    await kindsOf(tried.flatMap((name) => ['-c', `-${name}`]))
  })
})

test('every record of the schema was printed by one of these commands', () => {
  expect([...seen].sort()).toEqual([...new Set(KINDS)].sort())
})

test('docs/JSON.md explains every record', () => {
  const text = readFileSync(new URL('../docs/JSON.md', import.meta.url), 'utf8')
  const explained = [...text.slice(text.indexOf('|---|')).matchAll(/^\| `([\w-]+)`/gm)].map(
    ([, name]) => name,
  )
  expect(explained.sort()).toEqual([...new Set(KINDS)].sort())
})

test('the type of every record is exported', () => {
  const exported = readFileSync(new URL('../packages/client/src/index.ts', import.meta.url), 'utf8')
  const names = Object.keys(schema.definitions).filter((name) => name.endsWith('Event'))
  expect(names.length).toBeGreaterThan(20)
  for (const name of names) expect(exported).toMatch(new RegExp(`^ {2}${name},$`, 'm'))
})

test('what is no record is refused', () => {
  expect(isRecord({ v: 1, event: 'ping', ms: 1 })).toBe(true)
  expect(isRecord({ v: 1, event: 'ping', ms: '1' })).toBe(false)
  expect(isRecord({ v: 1, event: 'ping', ms: 1, more: 1 })).toBe(false)
  expect(isRecord({ v: 1, event: 'other' })).toBe(false)
})

/** The schema, with no fields but those that it names. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict)
  if (typeof node !== 'object' || node === null) return node
  const all = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value)]))
  return all['type'] === 'object' && 'properties' in all ? { ...all, additionalProperties: false } : all
}
