import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { cannotBindMount, withBindMount } from './mounted-folder.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'
import { tokenHash, UsersFile } from './users.js'

const ALL = ['list', 'read', 'write', 'overwrite', 'delete']

/** What each command needs where it is applied: `AT` stands for the folder. */
const COMMANDS: [name: string, cmd: string, args: Record<string, unknown>, needs: string[]][] = [
  ['ls', 'ls', { path: 'AT' }, ['list']],
  ['find', 'find', { path: 'AT' }, ['list']],
  ['du', 'du', { path: 'AT' }, ['list']],
  ['cd', 'cd', { path: 'AT' }, ['list']],
  ['stat', 'stat', { path: 'AT/f' }, ['list']],
  ['stat of what a link leads to', 'stat', { path: 'AT/f', links: 'follow' }, ['list']],
  ['df', 'df', { path: 'AT' }, ['list']],
  ['get', 'get', { path: 'AT/f' }, ['read']],
  ['get of a part', 'get', { path: 'AT/f', offset: 1, length: 2 }, ['read']],
  ['hash', 'hash', { paths: ['AT/f'] }, ['read']],
  ['put of a new file', 'put', { path: 'AT/new', eager: true }, ['write']],
  ['put with missing folders', 'put', { path: 'AT/x/y/new', eager: true, parents: true }, ['write']],
  ['put over a file', 'put', { path: 'AT/f', eager: true }, ['overwrite']],
  ['put beside a file', 'put', { path: 'AT/f', eager: true, onExists: 'rename' }, ['write']],
  ['mkdir', 'mkdir', { path: 'AT/new' }, ['write']],
  ['mkdir with parents', 'mkdir', { path: 'AT/new/er', parents: true }, ['write']],
  ['rmdir', 'rmdir', { path: 'AT/empty' }, ['delete']],
  ['rm', 'rm', { path: 'AT/f' }, ['delete']],
  ['mv', 'mv', { from: 'AT/f', to: 'AT/new' }, ['delete', 'write']],
  ['mv of a folder', 'mv', { from: 'AT/empty', to: 'AT/new' }, ['delete', 'write']],
  ['mv away', 'mv', { from: 'AT/f', to: '/elsewhere' }, ['delete']],
  ['mv here', 'mv', { from: '/own', to: 'AT/new' }, ['write']],
  [
    'mv over a file',
    'mv',
    { from: 'AT/f', to: 'AT/g', onExists: 'overwrite' },
    ['delete', 'write', 'overwrite'],
  ],
  ['cp', 'cp', { from: 'AT/f', to: 'AT/new' }, ['read', 'write']],
  ['cp away', 'cp', { from: 'AT/f', to: '/elsewhere' }, ['read']],
  ['cp here', 'cp', { from: '/own', to: 'AT/new' }, ['write']],
  ['cp over a file', 'cp', { from: 'AT/f', to: 'AT/g', onExists: 'overwrite' }, ['read', 'overwrite']],
  ['chmod', 'chmod', { path: 'AT/f', mode: 0o600 }, ['overwrite']],
  ['touch', 'touch', { path: 'AT/f', mtime: 1 }, ['overwrite']],
  ['touch of a new file', 'touch', { path: 'AT/new' }, ['write']],
]

/** The sets of permissions that are tried: each is what one command needs, or all but one of them. */
const sets = new Map<string, readonly string[]>()
for (const [, , , needs] of COMMANDS) {
  sets.set(needs.join('+'), needs)
  for (const one of needs)
    sets.set(
      `all-${one}`,
      ALL.filter((each) => each !== one),
    )
}

describe.each(['0', '2'])('%s worker threads', (workers) => {
  let folder: ReturnType<typeof tempFolder>
  let root: string
  let daemon: DaemonProcess
  const clients = new Map<string, RawClient>()
  let lastId = 0

  beforeAll(async () => {
    folder = tempFolder('in memory')
    root = join(folder.path, 'root')
    mkdirSync(root)
    const users = new UsersFile(folder.path)
    const records = [...sets, ['everything', ALL] as const].map(([, allows], index) => ({
      name: `user${index}`,
      home: '/home',
      permissions: [
        { path: '/', allows: ALL },
        { path: '/d', allows },
        { path: '/mount', allows },
      ],
      tokens: [{ id: index.toString(16).padStart(12, '0'), hash: tokenHash(secretOf(index)) }],
    }))
    writeFileSync(users.path, JSON.stringify({ version: 1, users: records }), { mode: 0o600 })
    for (const path of ['home/mount', 'mounted']) mkdirSync(join(root, path), { recursive: true })
    daemon = await DaemonProcess.start(
      root,
      ['--workers', workers, ...users.args],
      cannotBindMount === undefined
        ? { command: [...withBindMount(join(root, 'mounted'), join(root, 'home/mount')), process.execPath] }
        : {},
    )
    for (const [index, set] of [...sets.keys(), 'everything'].entries()) {
      const client = await RawClient.connect(daemon.place)
      client.send(say.hello(), say.request(0, 'login', { method: 'token', token: secretOf(index) }))
      await client.next()
      expect(await client.ack(0)).toMatchObject({ ok: true })
      clients.set(set, client)
    }
  })
  afterAll(async () => {
    for (const client of clients.values()) client[Symbol.dispose]()
    await daemon.stop('SIGKILL')
    folder[Symbol.dispose]()
  })
  beforeEach(layOut)

  /** The code of the error, or `none`. */
  async function run(set: string, cmd: string, args: Record<string, unknown>): Promise<string> {
    const client = clients.get(set)
    if (client === undefined) throw new Error(set)
    const id = ++lastId
    client.send(
      ...(cmd === 'put'
        ? [say.eagerPut(id, String(args['path']), 'new', args)]
        : [say.request(id, cmd, args)]),
    )
    const ack = await client.ack(id)
    if (ack['ok'] !== true || !['ls', 'find', 'du', 'get', 'hash'].includes(cmd)) return errorCode(ack)
    const { bytes, end } = await client.body(id)
    if (cmd === 'hash') return bytes.includes('permission-denied') ? 'permission-denied' : 'none'
    return errorCode(end)
  }

  function layOut(): void {
    // The two folders of the mount stay: it would end with them.
    for (const path of ['home', 'outside', 'mounted'].flatMap(contents)) rmSync(path, { recursive: true })
    for (const path of ['home/d/empty', 'outside/empty', 'mounted/empty'])
      mkdirSync(join(root, path), { recursive: true })
    const folders = ['home/d', 'outside', 'mounted']
    for (const path of ['home/own', ...folders.flatMap((each) => [`${each}/f`, `${each}/g`])]) {
      writeFileSync(join(root, path), 'content')
    }
    symlinkSync('d', join(root, 'home/link'))
    symlinkSync('../outside', join(root, 'home/out'))
    symlinkSync('../../outside', join(root, 'mounted/out'))
  }

  function contents(top: string): string[] {
    const path = join(root, top)
    const names = existsSync(path) ? readdirSync(path) : []
    return names.filter((name) => name !== 'mount').map((name) => join(path, name))
  }

  function snapshot(top: string): string[] {
    return readdirSync(join(root, top), { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        const { mode, mtimeMs } = lstatSync(path)
        return `${path} ${mode} ${mtimeMs} ${entry.isFile() ? readFileSync(path, 'utf8') : ''}`
      })
      .sort()
  }

  describe.each(COMMANDS)('%s', (_name, cmd, args, needs) => {
    test.each(['/d', '/link'])('in %s needs exactly its permissions', async (place) => {
      expect(await run(needs.join('+'), cmd, at(args, place))).toBe('none')
      for (const one of needs) {
        layOut()
        const before = snapshot('home')
        expect(await run(`all-${one}`, cmd, at(args, place)), `without ${one}`).toBe('permission-denied')
        expect(snapshot('home')).toEqual(before)
      }
    })

    test.skipIf(cannotBindMount !== undefined)(
      `in a mounted folder needs exactly its permissions (${cannotBindMount ?? 'mounting works'})`,
      async () => {
        // Moves and uploads are renames, which do not lead from one mount to another.
        expect(await run(needs.join('+'), cmd, at(args, '/mount'))).toBe(
          isAcross(cmd, args) ? 'unsupported' : 'none',
        )
        for (const one of needs) {
          layOut()
          const before = [...snapshot('home'), ...snapshot('mounted')]
          const code = await run(`all-${one}`, cmd, at(args, '/mount'))
          expect(code, `without ${one}`).toBe('permission-denied')
          expect([...snapshot('home'), ...snapshot('mounted')]).toEqual(before)
        }
        const before = snapshot('outside')
        expect(await run('everything', cmd, at(args, '/mount/out'))).toBe('permission-denied')
        expect(snapshot('outside')).toEqual(before)
      },
    )

    test('reaches nothing outside the home', async () => {
      const before = snapshot('outside')
      expect(await run('everything', cmd, at(args, '/out'))).toBe('permission-denied')
      const above = await run('everything', cmd, at(args, '/../outside'))
      expect(above).toBe(cmd === 'hash' ? 'none' : 'bad-request')
      expect(snapshot('outside')).toEqual(before)
    })
  })
})

function secretOf(index: number): string {
  return `jftp_${index.toString(16).padStart(12, '0')}_${'x'.repeat(43)}`
}

function at(args: Record<string, unknown>, place: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(args).replaceAll('AT', place)) as Record<string, unknown>
}

/** Whether the command would rename something from one mount to another, if the folder is one. */
function isAcross(cmd: string, args: Record<string, unknown>): boolean {
  const isThere = (path: unknown) => String(path).startsWith('AT')
  if (cmd === 'mv') return isThere(args['from']) !== isThere(args['to'])
  if (cmd === 'cp') return isThere(args['to'])
  return cmd === 'put' || (cmd === 'touch' && String(args['path']).endsWith('/new'))
}
