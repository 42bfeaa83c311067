import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

/** Folders in folders: each request walks through all of them, which takes a good part of a millisecond. */
const DEEP = '/d'.repeat(120)

const REQUESTS = 3000

/** Round trips of the other client, one after the other. */
const ROUND_TRIPS = 5

describe.each([['1'], ['0']])('with --workers %s', (workers) => {
  test('a client that sends thousands of requests at once does not keep another one waiting', async () => {
    using folder = tempFolder('in memory')
    mkdirSync(join(folder.path, DEEP), { recursive: true })
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', workers])
    using greedy = await RawClient.login(daemon.place)
    using other = await RawClient.login(daemon.place)
    let answered = 0
    greedy.send(...Array.from({ length: REQUESTS }, (_, id) => say.request(id, 'stat', { path: DEEP })))
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
})
