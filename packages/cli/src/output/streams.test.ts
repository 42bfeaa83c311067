import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { OutputStream } from './streams.js'

test('however many writes wait for a full stream, it has one listener more', async () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  const output = new OutputStream(stream, 'stdout')
  const before = stream.listenerCount('drain')
  const writes = Array.from({ length: 20 }, (_, index) => output.write(`${index}\n`))
  expect(stream.listenerCount('drain')).toBe(before + 1)
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await Promise.all(writes)
  expect(text.split('\n')).toHaveLength(21)
  expect(stream.listenerCount('drain')).toBe(before)
})
