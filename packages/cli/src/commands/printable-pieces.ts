import { StringDecoder } from 'node:string_decoder'
import { printable } from '@jftp/protocol'

/** Text for a terminal. A character that is cut by the end of a piece is shown with the next one. */
export function printablePieces(): (bytes: Uint8Array) => Uint8Array {
  const decoder = new StringDecoder('utf8')
  return (bytes) => Buffer.from(decoder.write(Buffer.from(bytes)).replace(/[^\n\t]+/g, printable))
}
