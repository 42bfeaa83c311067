import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tempFolder } from '../../test/temp-folder.js'
import { NO_HOOKS } from '../hook.js'
import { createLog } from '../log.js'
import { Outbox } from './outbox.js'
import { WebhookSender } from './webhook-sender.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('an event that is found before its thread tells of it is sent once and counted once', async () => {
  using folder = tempFolder()
  const received: string[] = []
  const receiver = createServer((request, response) => {
    received.push(String(request.headers['x-jftp-signature']))
    request.resume()
    response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const hooks = { ...NO_HOOKS, webhook: { url, secret: Buffer.from('a secret of sixteen bytes') } }
  const log = await createLog('json', 'silent')
  const sender = WebhookSender.open(hooks, folder.path, log)
  sender.start()
  const facts = { path: '/file', size: 1, digest: undefined, user: 'ann', address: 'unix', requestId: '1' }
  const event = await new Outbox(folder.path, sender.memory).add(facts)
  // Now the sender looks for events that nobody has told of. It has time to send what it finds.
  vi.advanceTimersByTime(60_000)
  await new Promise((resolve) => setTimeout(resolve, 300))
  vi.useRealTimers()
  sender.add(event)
  await vi.waitFor(() => expect(readdirSync(join(folder.path, '.jftp', 'webhooks'))).toEqual([]))
  await sender.finish(5_000)
  expect(received).toHaveLength(1)
  expect([...new Int32Array(sender.memory)]).toEqual([0, 0])
  receiver.closeAllConnections()
  receiver.close()
})
