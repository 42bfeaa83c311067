import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connectTo, readSome } from './clients.js'
import { columns, concurrentColumns, fixture, tcpServerClass, workers } from './server-table.js'

const anywhere = ['127.0.0.1', 0] as const
const MIB = 1024 * 1024
const TOTAL = 128 * MIB
/** Kernel buffers of both ends (4 MiB and 6 MiB by default on Linux), and our windows of 4 MiB or less. */
const IN_FLIGHT = 24 * MIB

/** Resolves with `count()` when it no longer grows, though the server goes through twenty more exchanges. */
async function settled(count: () => number | Promise<number>, witness: Socket): Promise<number> {
  for (let before = -1, quiet = 0; ; ) {
    witness.write('echo tick\n')
    await readSome(witness)
    const now = await count()
    quiet = now === before ? quiet + 1 : 0
    before = now
    if (quiet === 20) return now
  }
}

describe.each(concurrentColumns)('%sTCPServer, with a peer that does not go on', (column) => {
  it('stops writing, and sends the rest later', async () => {
    const server = await tcpServerClass(column).listen(
      anywhere,
      fixture('flooding-handler.js'),
      workers(column),
    )
    const serving = server.serveForever()
    const witness = await connectTo(server.serverAddress)
    const slow = await connectTo(server.serverAddress)
    slow.pause()
    slow.write(`flood ${TOTAL}\n`)
    const written = async () => {
      witness.write('written\n')
      return Number(await readSome(witness))
    }
    expect(await settled(written, witness)).toBeLessThan(IN_FLIGHT)
    let received = 0
    slow.on('data', (chunk: Buffer) => {
      received += chunk.byteLength
    })
    slow.resume()
    slow.end()
    await once(slow, 'end')
    expect(received).toBe(TOTAL)
    witness.destroy()
    await server.serverClose()
    await serving
  })

  it('stops reading when its handler does, and reads the rest later', async () => {
    const server = await tcpServerClass(column).listen(
      anywhere,
      fixture('flooding-handler.js'),
      workers(column),
    )
    const serving = server.serveForever()
    const witness = await connectTo(server.serverAddress)
    const fast = await connectTo(server.serverAddress)
    fast.write('countLater\n')
    expect(await readSome(fast)).toBe('waiting\n')
    for (let left = TOTAL; left > 0; left -= MIB) fast.write(Buffer.alloc(MIB))
    fast.end()
    expect(await settled(() => fast.bytesWritten - fast.writableLength, witness)).toBeLessThan(IN_FLIGHT)
    void server.shutdown()
    expect(await readSome(fast)).toBe('closing\n')
    expect(await readSome(fast)).toBe(`${TOTAL}\n`)
    for (const socket of [witness, fast]) socket.destroy()
    await server.serverClose()
    await serving
  })
})

describe.each(columns)('%sTCPServer', (column) => {
  it('moves bytes as they are, whatever the sizes of the pieces', async () => {
    const server = await tcpServerClass(column).listen(
      anywhere,
      fixture('reversing-handler.js'),
      workers(column),
    )
    const serving = server.serveForever()
    const socket = await connectTo(server.serverAddress)
    const sent: Buffer[] = []
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    let seed = 1
    for (const size of [1, 2, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1_000_003, 3, 262_144]) {
      const piece = Buffer.alloc(size)
      for (let index = 0; index < size; index += 1) {
        seed = (seed * 48_271) % 0x7fffffff
        piece[index] = seed
      }
      sent.push(piece)
      if (!socket.write(piece)) await once(socket, 'drain')
    }
    socket.end()
    await once(socket, 'end')
    expect(
      Buffer.compare(
        Buffer.concat(received),
        Buffer.concat(sent).map((byte) => byte ^ 255),
      ),
    ).toBe(0)
    socket.destroy()
    await server.serverClose()
    await serving
  })
})
