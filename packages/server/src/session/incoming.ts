import { checkDelivery, type ErrorCode, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Upload } from '../storage/storage.js'
import type { Exchange } from './exchange.js'

/**
 * Receives DATA and END into an upload. Resolves to what arrived if that is what the client sent and announced; if
 * not, throws: the upload is kept if it was only cut, and discarded if what came is wrong. `onWait` is called before waiting for the next part of the body, `onTaken`
 * when a part has been taken, so that there is room for more.
 */
export async function receiveIncoming(
  exchange: Exchange,
  upload: Upload,
  announced: number | undefined,
  onTaken: () => void,
  onWait: () => void,
): Promise<TransferSummary> {
  try {
    for (;;) {
      onWait()
      // Most small files are here already. To await what is known would cost a promise each time.
      const coming = exchange.body.read()
      const part = coming instanceof Promise ? await coming : coming
      onTaken()
      if (part.type === 'bytes') {
        const writing = upload.write(part.pieces)
        if (writing !== undefined) await writing
        for (const { length } of part.pieces) exchange.passed += length
        continue
      }
      if (part.end.type === 'failed') throw new ProtocolError(part.end.error.code, part.end.error.message)
      const finishing = upload.finish()
      const passed = finishing instanceof Promise ? await finishing : finishing
      // Before the digest, which is of no use if other than the announced number of bytes came.
      if (announced !== undefined && announced !== passed.size) {
        throw new ProtocolError(
          'size-mismatch',
          `${announced} bytes were announced and ${passed.size} arrived`,
        )
      }
      checkDelivery(part.end, passed)
      return passed
    }
  } catch (error) {
    if (error instanceof ProtocolError && CUT.includes(error.code)) await upload.keep()
    else await upload.discard()
    throw error
  }
}

/**
 * With these errors a body just stops, the last of them if the operator ends the session. The bytes that came are those
 * of the file as far as anybody knows.
 */
const CUT: readonly ErrorCode[] = [
  ...(['cancelled', 'timeout', 'shutting-down', 'protocol-error'] as const),
  'permission-denied',
]
