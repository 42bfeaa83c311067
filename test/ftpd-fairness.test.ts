import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

const DEPTH = 100
const LINKS = 30
const REQUESTS = 40

/** Round trips of the other client, one after the other. */
const ROUND_TRIPS = 5

/** Links that each lead down into folders, up again and to the next link: a long way for one request. */
function makeLongWay(root: string): string {
  mkdirSync(join(root, '/d'.repeat(DEPTH)), { recursive: true })
  mkdirSync(join(root, `link-${LINKS}`))
  const downAndUp = `${'d/'.repeat(DEPTH)}${'../'.repeat(DEPTH)}`
  for (let n = 0; n < LINKS; n++) symlinkSync(`${downAndUp}link-${n + 1}`, join(root, `link-${n}`))
  return '/link-0'
}

describe.each([['1'], ['0']])('with --workers %s', (workers) => {
  test('a client that sends many slow requests at once does not keep another one waiting', async () => {
    using folder = tempFolder('in memory')
    const path = makeLongWay(folder.path)
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', workers])
    using greedy = await RawClient.login(daemon.place)
    using other = await RawClient.login(daemon.place)
    let answered = 0
    greedy.send(...Array.from({ length: REQUESTS }, (_, id) => say.request(id, 'cd', { path })))
    const all = (async () => {
      for (let id = 0; id < REQUESTS; id++) {
        expect(await greedy.ack(id)).toMatchObject({ ok: true })
        answered++
      }
    })()
    for (let id = 0; id < ROUND_TRIPS; id++) await other.ask(id, 'ping')
    expect(answered).toBeLessThan(REQUESTS)
    await all
  })
  test('a client that searches a large tree does not keep another one waiting', async () => {
    using folder = tempFolder('in memory')
    for (let n = 0; n < 20; n++) {
      mkdirSync(join(folder.path, `folder-${n}`))
      for (let m = 0; m < 1000; m++) writeFileSync(join(folder.path, `folder-${n}`, `file-${m}`), '')
    }
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', workers])
    using greedy = await RawClient.login(daemon.place)
    using other = await RawClient.login(daemon.place)
    let isFound = false
    greedy.send(...[1, 2, 3, 4].map((id) => say.request(id, 'find', { path: '/', name: 'none' })))
    const all = (async () => {
      for (const id of [1, 2, 3, 4]) {
        expect(await greedy.ack(id)).toMatchObject({ ok: true })
        expect((await greedy.body(id)).bytes).toHaveLength(0)
      }
      isFound = true
    })()
    for (let id = 0; id < ROUND_TRIPS; id++) await other.ask(id, 'ping')
    expect(isFound).toBe(false)
    await all
  })

  test('a search that finds nothing is cancelled before its end', async () => {
    using folder = tempFolder('in memory')
    for (let n = 0; n < 20_000; n++) writeFileSync(join(folder.path, `file-${n}`), '')
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', workers])
    using client = await RawClient.login(daemon.place)
    const before = daemon.descriptors
    expect(await client.ask(1, 'find', { path: '/', name: 'none' })).toMatchObject({ ok: true })
    client.send(say.cancel(1))
    expect(errorCode((await client.body(1)).end)).toBe('cancelled')
    expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
    expect(daemon.descriptors).toBeLessThanOrEqual(before)
  })
})
