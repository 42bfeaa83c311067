import { Writable } from 'node:stream'
import type { Context } from './context.js'

/** A stream for a file that is to be printed. The library ends its sink, but stdout must stay open. */
export function stdoutSink(
  { output }: Context,
  show: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): Writable {
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      output.content(show(chunk)).then(() => done(), done)
    },
  })
  // The failed transfer itself says why the sink was destroyed.
  return sink.on('error', () => {})
}
