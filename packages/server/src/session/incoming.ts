import { checkDelivery, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Upload } from '../storage/storage.js'
import type { Body } from './body.js'

/**
 * DATA… → END into an upload, checked against what the client announced. Resolves to what arrived; throws,
 * the upload discarded, where that is not what was sent. `onTaken` is called when a part of the body has
 * been taken and there is room for more, `onWait` before waiting for the next part.
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
      checkDelivery(part.end, passed)
      if (announced !== undefined && announced !== passed.size) {
        throw new ProtocolError(
          'size-mismatch',
          `${announced} bytes were announced and ${passed.size} arrived`,
        )
      }
      return passed
    }
  } catch (error) {
    await upload.discard()
    throw error
  }
}
