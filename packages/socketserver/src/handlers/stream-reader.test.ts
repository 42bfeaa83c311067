import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { StreamReader } from './stream-reader.js'

const TEXT = 'first\n\nthird line\nlast'

/** A reader of `TEXT` that comes in two pieces, cut at `at`. */
function cutAt(at: number): StreamReader {
  const pieces = [TEXT.slice(0, at), TEXT.slice(at)]
    .filter((piece) => piece !== '')
    .map((piece) => Buffer.from(piece))
  return new StreamReader(Readable.from(pieces, { objectMode: false }), null)
}

describe('StreamReader', () => {
  it('reads the same wherever the stream is cut', async () => {
    for (let at = 0; at <= TEXT.length; at += 1) {
      const lines = cutAt(at)
      for (const line of ['first\n', '\n', 'third line\n', 'last', '', '']) {
        expect((await lines.readLine()).toString()).toBe(line)
      }
      const parts = cutAt(at)
      expect((await parts.readExactly(0)).toString()).toBe('')
      expect((await parts.readExactly(3)).toString()).toBe('fir')
      expect((await parts.readUntil('l')).toString()).toBe('st\n\nthird l')
      expect((await parts.readLine(2)).toString()).toBe('in')
      expect((await parts.readAll()).toString()).toBe('e\nlast')
      expect((await parts.read()).toString()).toBe('')
    }
  })

  it('iterates over lines', async () => {
    const lines: string[] = []
    for await (const line of cutAt(7)) lines.push(line.toString())
    expect(lines).toEqual(['first\n', '\n', 'third line\n', 'last'])
  })

  it('reads what is there, and no more than asked for', async () => {
    const reader = cutAt(5)
    expect((await reader.read(3)).toString()).toBe('fir')
    expect((await reader.read(100)).toString()).toBe('st')
    expect((await reader.read()).toString()).toBe(TEXT.slice(5))
  })

  it('cuts lines at a limit, so that no peer decides about memory', async () => {
    const endless = new StreamReader(
      Readable.from(
        (function* () {
          for (;;) yield Buffer.alloc(1024, 'x')
        })(),
        { objectMode: false },
      ),
      null,
    )
    expect((await endless.readLine()).byteLength).toBe(64 * 1024)
    expect((await endless.readLine(10)).byteLength).toBe(10)
  })

  it('says how much is missing at an early end', async () => {
    await expect(cutAt(3).readExactly(100)).rejects.toMatchObject({
      code: 'INCOMPLETE',
      message: 'the connection ended after 22 of 100 bytes',
    })
  })

  it('rejects when the stream fails, after what came before', async () => {
    const stream = new PassThrough()
    const reader = new StreamReader(stream, null)
    stream.write('one\n')
    expect((await reader.readLine()).toString()).toBe('one\n')
    const failing = expect(reader.readLine()).rejects.toThrow('cut')
    stream.destroy(new Error('cut'))
    await failing
  })

  it('goes on after a timeout where it was', async () => {
    const stream = new PassThrough()
    const reader = new StreamReader(stream, 10)
    await expect(reader.readLine()).rejects.toMatchObject({ code: 'TIMED_OUT' })
    stream.write('late\n')
    expect((await reader.readLine()).toString()).toBe('late\n')
  })
})
