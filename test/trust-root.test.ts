import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { FolderSwapper } from './folder-swapper.js'
import { ROUNDS } from './random.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

const BATCH = 100

/**
 * root/way/inner/file   'inside'   while `way` is a folder
 * outside/inner/file    'CANARY'   where `way` leads while it is a link
 */
function plant(home: string) {
  const [root, outside] = [join(home, 'root'), join(home, 'outside')]
  for (const [top, text] of [
    [join(root, 'way'), 'inside'],
    [outside, 'CANARY'],
  ] as const) {
    mkdirSync(join(top, 'inner', 'folder'), { recursive: true })
    writeFileSync(join(top, 'inner', 'file'), text)
    writeFileSync(join(top, 'file'), text)
  }
  symlinkSync(outside, join(root, 'link'))
  return { root, outside }
}

/** Everything below a folder, with what is in it. */
function picture(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path
    })
    .sort()
}

/** Requests that would read or change what is outside, were the link followed. */
function requests(round: number): [cmd: string, args: Record<string, unknown>][] {
  return [
    ['get', { path: '/way/file' }],
    ['get', { path: '/way/inner/file' }],
    ['ls', { path: '/way' }],
    ['ls', { path: '/way/inner' }],
    ['stat', { path: '/way/inner/file' }],
    ['mkdir', { path: `/way/inner/made-${round}` }],
    ['rmdir', { path: '/way/inner/folder' }],
    ['mkdir', { path: '/way/inner/folder' }],
    ['mv', { from: '/way/inner/file', to: '/way/inner/file' }],
    ['rm', { path: '/way/inner/canary' }],
    ['cd', { path: '/way/inner' }],
  ]
}

describe.each(SERVERS)('while a folder is swapped for a link that leads out (%s)', (_name, args) => {
  test('nothing outside the root is read or written', async () => {
    using home = tempFolder('in memory')
    const { root, outside } = plant(home.path)
    writeFileSync(join(outside, 'inner', 'canary'), 'CANARY')
    const before = picture(outside)
    await using daemon = await DaemonProcess.start(root, args)
    await using swapper = await FolderSwapper.start(
      join(root, 'way'),
      join(root, 'aside'),
      join(root, 'link'),
    )
    using client = await RawClient.login(daemon.place)
    const outcomes = new Map<string, number>()
    const read: string[] = []
    for (let round = 0; round < 30 * ROUNDS; round++) {
      for (let n = 0; n < BATCH; n++) {
        const kinds = requests(round)
        const [cmd, more] = kinds[n % kinds.length] ?? ['pwd', {}]
        if (n % 4 === 3) client.send(say.eagerPut(n, `/way/inner/put-${n % 7}`, `put ${n}`))
        else client.send(say.request(n, cmd, more))
      }
      for (let n = 0; n < BATCH; n++) {
        const ack = await client.ack(n)
        const code = errorCode(ack)
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
        const kinds = requests(round)
        const isBody = n % 4 !== 3 && ['get', 'ls'].includes(kinds[n % kinds.length]?.[0] ?? '')
        if (isBody && code === 'none') read.push((await client.body(n)).bytes.toString())
      }
    }
    const swaps = await swapper.stop()
    expect(read.filter((text) => text.includes('CANARY') || text.includes('canary'))).toEqual([])
    expect(picture(outside)).toEqual(before)
    // It was a race: both sides of it were seen.
    expect(swaps).toBeGreaterThan(100)
    expect(outcomes.get('none')).toBeGreaterThan(0)
    expect(outcomes.get('permission-denied')).toBeGreaterThan(0)
  })

  test('nor while the file’s own name is swapped', async () => {
    using home = tempFolder('in memory')
    const { root, outside } = plant(home.path)
    symlinkSync(join(outside, 'file'), join(root, 'file-link'))
    writeFileSync(join(root, 'name'), 'inside')
    const before = picture(outside)
    await using daemon = await DaemonProcess.start(root, args)
    await using swapper = await FolderSwapper.start(
      join(root, 'name'),
      join(root, 'aside'),
      join(root, 'file-link'),
    )
    using client = await RawClient.login(daemon.place)
    const codes = new Set<string>()
    for (let round = 0; round < 30 * ROUNDS; round++) {
      for (let n = 0; n < BATCH; n++) client.send(say.request(n, 'get', { path: '/name' }))
      for (let n = 0; n < BATCH; n++) {
        const code = errorCode(await client.ack(n))
        codes.add(code)
        if (code === 'none') expect((await client.body(n)).bytes.toString()).toBe('inside')
      }
    }
    expect(await swapper.stop()).toBeGreaterThan(100)
    expect(codes).toContain('none')
    expect(codes).toContain('permission-denied')
    expect(picture(outside)).toEqual(before)
  })
})
