import { checkDelivery, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Upload } from '../storage/storage.js'
import type { Body } from './body.js'

/**
 * Receives DATA and END into an upload. Resolves to what arrived if that is what the client sent and announced; if
 * not, discards the upload and throws. `onWait` is called before waiting for the next part of the body, `onTaken`
 * when a part has been taken, so that there is room for more.
 */
export async function receiveIncoming(
  body: Body,
  upload: Upload,
  announced: number | undefined,
  onTaken: () => void,
  onWait: () => void,
): Promise<TransferSummary> {
  try {
    for (;;) {
      onWait()
      const part = await body.read()
      onTaken()
      if (part.type === 'bytes') {
        await upload.write(part.pieces)
        continue
      }
      if (part.end.type === 'failed') throw new ProtocolError(part.end.error.code, part.end.error.message)
      const passed = await upload.finish()
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
    await upload.discard()
    throw error
  }
}
