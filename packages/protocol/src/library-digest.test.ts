import { execFileSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'

/** Of `abc`, as `b3sum` and `xxhsum -H2` print them. */
const BLAKE3 = '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85'
const XXH128 = '06b05ab6733a618578af5f94892f3950'

const dist = new URL('../dist/index.js', import.meta.url).href

function node(flags: string[], script: string): string {
  const code = `import * as protocol from ${JSON.stringify(dist)}\n${script}`
  return execFileSync(process.execPath, [...flags, '--input-type=module', '-e', code], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}

test('blake3 is the same without the native library', async () => {
  const original = await import('./digest.js')
  await original.prepareDigest('blake3')
  const native = (bytes: Uint8Array) => original.digestOf('blake3', bytes)?.hex
  vi.resetModules()
  vi.doMock('@napi-rs/blake-hash', () => {
    throw new Error('there is no prebuilt library for this system')
  })
  const { createDigester, prepareDigest } = await import('./digest.js')
  await prepareDigest('blake3')
  const [one, other] = [createDigester('blake3'), createDigester('blake3')]
  one.update(Buffer.from('a'))
  other.update(Buffer.from('xyz'))
  one.update(Buffer.from('bc'))
  expect(one.digest()).toEqual({ alg: 'blake3', hex: BLAKE3 })
  for (const length of [0, 1, 1024, 1025, 16_384, 100_000, 1_000_001]) {
    const bytes = Buffer.alloc(length, 'some bytes')
    const digester = createDigester('blake3')
    for (let at = 0; at < length; at += 7777) {
      digester.update(bytes.subarray(at, at + 7777))
      other.update(bytes.subarray(0, 3))
      expect(digester.soFar()?.hex).toBe(native(bytes.subarray(0, at + 7777)))
    }
    expect(digester.digest()?.hex).toBe(native(bytes))
  }
  vi.doUnmock('@napi-rs/blake-hash')
})

test('a digest that nobody has prepared is a defect that says so', async () => {
  vi.resetModules()
  const { createDigester } = await import('./digest.js')
  expect(() => createDigester('xxh128').digest()).toThrow(
    expect.objectContaining({ code: 'internal', message: 'xxh128 is used before its library is loaded' }),
  )
})

test('several threads compute them', async () => {
  const code = `
    import { createDigester, prepareDigest } from ${JSON.stringify(dist)}
    import { parentPort } from 'node:worker_threads'
    const hex = []
    for (const alg of ['blake3', 'xxh128']) {
      await prepareDigest(alg)
      const digester = createDigester(alg)
      for (const letter of 'abc') digester.update(new TextEncoder().encode(letter))
      hex.push(digester.digest().hex)
    }
    parentPort.postMessage(hex)`
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`)
  const answers = [1, 2, 3].map(
    () => new Promise((resolve, reject) => new Worker(url).on('message', resolve).on('error', reject)),
  )
  expect(await Promise.all(answers)).toEqual([1, 2, 3].map(() => [BLAKE3, XXH128]))
})

test('no library is loaded for md5, nor before a digest is prepared', () => {
  const loaded = `
    const libraries = () => process.report.getReport().sharedObjects.filter((path) => path.includes('blake'))
    protocol.digestOf('md5', Buffer.from('abc'))
    const before = libraries().length
    await protocol.prepareDigest('blake3')
    console.log(before, libraries().length)`
  expect(node([], loaded)).toMatch(/^0 [01]$/)
})

test('without WebAssembly neither is offered, and preparing xxh128 says why', () => {
  const script = `
    console.log(protocol.createHello('x').digests.join())
    await protocol.prepareDigest('xxh128').catch((error) => console.log(error.code, error.message))`
  const [offered, refusal] = node(['--jitless'], script).split('\n')
  expect(offered).toBe('md5,sha256,none')
  expect(refusal).toMatch(/^unsupported xxh128 can't be computed here: /)
})
