import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { RawClient, say } from './raw-client.js'
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
})
