import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@jftp/client'
import { expect, test } from 'vitest'
import { Ftpd } from './client-ftpd.js'

/** In each direction, as many calls at once. */
const FILES = 5000

test('thousands of small files go both ways on one connection, all calls made at once', async () => {
  await using ftpd = await Ftpd.start()
  await using client = await connect(ftpd.url)
  const names = Array.from({ length: FILES }, (_, index) => `file ${index}`)
  const contentOf = (name: string) => name.repeat(Number(name.slice(5)) % 700)
  const [from, to] = [join(ftpd.local, 'from'), join(ftpd.local, 'to')]
  mkdirSync(from)
  mkdirSync(to)
  for (const name of names) writeFileSync(join(from, name), contentOf(name))

  // The folder is made by a call that nobody waits for either: calls are carried out in their order.
  const made = client.mkdir('/many')
  const sent = await Promise.all(names.map((name) => client.put(join(from, name), `/many/${name}`)))
  await made
  expect(sent.map((result) => result.path)).toEqual(names.map((name) => `/many/${name}`))
  expect(readdirSync(join(ftpd.root, 'many')).length).toBe(names.length)

  const received = await Promise.all(names.map((name) => client.get(`/many/${name}`, join(to, name))))
  expect(received.map((result) => result.digest)).toEqual(sent.map((result) => result.digest))
  expect(readdirSync(to).toSorted()).toEqual(names.toSorted())
  for (const name of names) expect(readFileSync(join(to, name), 'utf8')).toBe(contentOf(name))
})

test('calls of all kinds at once each get their own answer; one that fails, fails alone', async () => {
  await using ftpd = await Ftpd.start()
  await using client = await connect(ftpd.url)
  const large = Buffer.alloc(6_000_000, 7)
  writeFileSync(join(ftpd.local, 'large'), large)
  const rounds = Array.from({ length: 40 }, async (_, round) => {
    const at = (name: string) => `/${name}-${round}`
    const calls = [
      client.put(Buffer.from(`content ${round}`), at('small')),
      client.put(join(ftpd.local, 'large'), at('large')),
      client.stat(at('small')),
      client.stat(at('missing')),
      client.get(at('small'), join(ftpd.local, `back-${round}`)),
      client.put(join(ftpd.local, 'missing'), at('never')),
      client.mv(at('small'), at('moved')),
      client.rm(at('large')),
      client.ping(),
    ] as const
    const outcomes = await Promise.allSettled<unknown>(calls)
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
      ...[true, true, true, false, true, false, true, true, true],
    ])
    expect(readFileSync(join(ftpd.local, `back-${round}`), 'utf8')).toBe(`content ${round}`)
  })
  await Promise.all(rounds)
  expect(readdirSync(ftpd.root).filter((name) => !name.startsWith('moved-') && name !== '.jftp')).toEqual([])
})
