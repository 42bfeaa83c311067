import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { cannotMount, mountedFolder } from './mounted-folder.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { staged, tempFolder, visible } from './temp-folder.js'

let folder: ReturnType<typeof tempFolder>
let root = ''

beforeEach(() => {
  folder = tempFolder()
  root = join(folder.path, 'root')
  mkdirSync(root)
})
afterEach(() => folder[Symbol.dispose]())

async function put(client: RawClient, path: string, content: string, args = {}) {
  client.send(say.eagerPut(1, path, content, args))
  return client.ack(1)
}

describe.skipIf(cannotMount !== undefined)(
  `on mounted file systems (${cannotMount ?? 'mounting works'})`,
  () => {
    test('a folder that is another file system can be read, and a put there says why it can’t be written', async () => {
      using _mounted = mountedFolder(join(root, 'other'), 'size=1m')
      writeFileSync(join(root, 'other', 'file'), 'old')
      await using daemon = await DaemonProcess.start(root)
      using client = await RawClient.login(daemon.place)
      expect(await client.ask(2, 'get', { path: '/other/file' })).toMatchObject({ ok: true })
      expect((await client.body(2)).bytes.toString()).toBe('old')
      for (const onExists of ['overwrite', 'rename'])
        expect(errorCode(await put(client, '/other/file', 'new', { onExists }))).toBe('unsupported')
      expect(errorCode(await put(client, '/other/new', 'new', { onExists: 'fail' }))).toBe('unsupported')
      await put(client, '/mine', 'mine')
      expect(errorCode(await client.ask(3, 'mv', { from: '/mine', to: '/other/mine' }))).toBe('unsupported')
      expect(readFileSync(join(root, 'other', 'file'), 'utf8')).toBe('old')
      expect([visible(root), readdirSync(join(root, 'other')), staged(root)]).toEqual([
        ['mine', 'other'],
        ['file'],
        [],
      ])
    })

    test('a root that is read-only is served, and refuses to be changed', async () => {
      using mounted = mountedFolder(root, 'size=1m')
      writeFileSync(join(root, 'file'), 'old')
      mkdirSync(join(root, '.jftp', 'staging-99999999'), { recursive: true })
      mounted.remount('ro')
      await using daemon = await DaemonProcess.start(root)
      using client = await RawClient.login(daemon.place)
      expect(await client.ask(2, 'get', { path: '/file' })).toMatchObject({ ok: true })
      expect((await client.body(2)).end).toMatchObject({ size: 3 })
      expect(errorCode(await put(client, '/file', 'new'))).toBe('permission-denied')
      expect(errorCode(await client.ask(3, 'mkdir', { path: '/folder' }))).toBe('permission-denied')
      expect(errorCode(await client.ask(3, 'rm', { path: '/file' }))).toBe('permission-denied')
      expect(await daemon.stop()).toEqual({ code: 0, signal: null })
      expect(readFileSync(join(root, 'file'), 'utf8')).toBe('old')
    })
  },
)

/** Root may do everything: the daemon runs as nobody where the tests run as root. */
const isRoot = process.getuid?.() === 0
// It may not look into the home of the user who runs the tests.
const nobody = isRoot ? { uid: 65_534, gid: 65_534, env: { XDG_CONFIG_HOME: '/nonexistent' } } : {}
const code = fileURLToPath(new URL('..', import.meta.url))
const canRun = !isRoot || othersMayEnter(code)

function othersMayEnter(path: string): boolean {
  return (statSync(path).mode & 0o005) === 0o005 && (path === '/' || othersMayEnter(dirname(path)))
}

describe.skipIf(!canRun)(
  'as a user who may not do everything (skipped where that user can’t read this code)',
  () => {
    beforeEach(() => {
      mkdirSync(join(root, 'closed'))
      mkdirSync(join(root, 'open'))
      for (const file of ['unreadable', 'closed/file', 'open/file', 'file'])
        writeFileSync(join(root, file), 'old')
      if (isRoot) {
        chmodSync(folder.path, 0o755)
        for (const path of [root, join(root, 'open'), join(root, 'file')]) chownSync(path, 65_534, 65_534)
      }
      chmodSync(join(root, 'unreadable'), 0)
      chmodSync(join(root, 'closed'), 0)
    })
    afterEach(() => {
      chmodSync(root, 0o755)
      chmodSync(join(root, 'closed'), 0o755)
    })

    test('what the system denies is permission-denied, and nothing is left behind', async () => {
      await using daemon = await DaemonProcess.start(root, [], nobody)
      using client = await RawClient.login(daemon.place)
      expect(errorCode(await client.ask(2, 'get', { path: '/unreadable' }))).toBe('permission-denied')
      expect(errorCode(await client.ask(2, 'get', { path: '/closed/file' }))).toBe('permission-denied')
      expect(errorCode(await client.ask(2, 'stat', { path: '/closed/file' }))).toBe('permission-denied')
      expect(errorCode(await client.ask(2, 'mkdir', { path: '/closed/new' }))).toBe('permission-denied')
      expect(errorCode(await client.ask(2, 'rm', { path: '/closed/file' }))).toBe('permission-denied')
      expect(errorCode(await put(client, '/closed/new', 'x'))).toBe('permission-denied')
      const listing = await client.ask(2, 'ls', { path: '/closed' })
      expect(errorCode(listing['ok'] === true ? (await client.body(2)).end : listing)).toBe(
        'permission-denied',
      )
      expect(await put(client, '/open/new', 'x')).toMatchObject({ status: 'stored' })
      expect(staged(root)).toEqual([])
      const before = daemon.descriptors
      for (let n = 0; n < 20; n++) {
        expect(errorCode(await put(client, '/closed/new', 'x'))).toBe('permission-denied')
        // The folder used last is held open anyway.
        expect(await client.ask(2, 'stat', { path: '/open/file' })).toMatchObject({ ok: true })
      }
      expect(daemon.descriptors).toBeLessThanOrEqual(before + 1)
      chmodSync(join(root, 'closed'), 0o755)
      expect(readdirSync(join(root, 'closed'))).toEqual(['file'])
    })

    test('a root that may not be written: uploads are refused, even below it, and no descriptor is lost', async () => {
      if (isRoot) chownSync(root, 0, 0)
      chmodSync(root, 0o555)
      await using daemon = await DaemonProcess.start(root, ['--workers', '0'], nobody)
      using client = await RawClient.login(daemon.place)
      expect(errorCode(await put(client, '/new', 'x'))).toBe('permission-denied')
      const before = daemon.descriptors
      for (let n = 0; n < 20; n++) {
        expect(errorCode(await put(client, '/new', 'x'))).toBe('permission-denied')
        expect(errorCode(await put(client, '/open/new', 'x'))).toBe('permission-denied')
      }
      expect(daemon.descriptors).toBeLessThanOrEqual(before + 1)
      expect(readdirSync(join(root, 'open'))).toEqual(['file'])
    })

    test('staging another user left behind does not keep ftpd from starting', async () => {
      mkdirSync(join(root, '.jftp', 'staging-99999999'), { recursive: true, mode: 0o700 })
      chmodSync(join(root, '.jftp'), 0)
      await using daemon = await DaemonProcess.start(root, [], nobody)
      using client = await RawClient.login(daemon.place)
      expect(await client.ask(2, 'get', { path: '/file' })).toMatchObject({ ok: true })
      expect((await client.body(2)).end).toMatchObject({ size: 3 })
      expect(errorCode(await put(client, '/new', 'x'))).toBe('permission-denied')
      expect(await daemon.stop()).toEqual({ code: 0, signal: null })
      chmodSync(join(root, '.jftp'), 0o700)
    })
  },
)
