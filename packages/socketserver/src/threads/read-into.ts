import type { Socket } from 'node:net'

/** What Node's option `onread` consists of. */
export interface OnRead {
  /** The memory for the next read. */
  readonly buffer: () => Uint8Array
  /** Called with the number of bytes that were read into the last memory. */
  readonly callback: (length: number) => void
}

/** The undocumented parts of Node that this file uses. */
interface Handle {
  useUserBuffer?(buffer: Uint8Array): void
}

interface Internals {
  readonly _handle?: Handle | null
  [property: symbol]: unknown
}

const PROPERTIES = ['kBuffer', 'kBufferGen', 'kBufferCb']

/**
 * Lets an accepted connection read into memory of our own from now on, so that it emits no more `data`. Node has the
 * option `onread` for that, but only for connections that a program opens itself. This sets what the option sets.
 * If Node lacks one of these parts, it does nothing, and `buffer` is not called.
 */
export function readInto(socket: Socket, { buffer, callback }: OnRead): void {
  const internals = socket as unknown as Internals
  const handle = internals._handle
  if (typeof handle?.useUserBuffer !== 'function') return
  const symbols = Object.getOwnPropertySymbols(socket)
  const [kBuffer, kBufferGen, kBufferCb] = PROPERTIES.map((name) =>
    symbols.find(({ description }) => description === name),
  )
  if (kBuffer === undefined || kBufferGen === undefined || kBufferCb === undefined) return
  const first = buffer()
  internals[kBuffer] = first
  internals[kBufferGen] = buffer
  internals[kBufferCb] = callback
  handle.useUserBuffer(first)
}
