import type { DigestAlgorithm, RequestInput } from '@jftp/protocol'
import type { PutOptions } from '../call-options.js'
import type { UploadBody } from './upload-source.js'

/** The arguments of the request that stores `body` under `path`. Fields that are undefined do not reach the JSON. */
export function toRequest(
  path: string,
  body: UploadBody,
  digest: DigestAlgorithm,
  options: PutOptions,
  resume: 'resume' | 'anew',
): RequestInput<'put'> {
  const { type, size, facts } = body
  const { onExists, preserve, mode, parents } = options
  return {
    path,
    size,
    digest,
    mtime: preserve === undefined ? undefined : facts?.mtime,
    mode: mode ?? (preserve === undefined ? undefined : facts?.mode),
    createMode: preserve === undefined ? facts?.mode : undefined,
    onExists: onExists === 'resume' ? 'overwrite' : onExists,
    sourceTime: sourceTimeOf(body, onExists),
    parents,
    eager: type === 'whole' ? true : undefined,
    resume: resume === 'resume' ? true : undefined,
  }
}

function sourceTimeOf(body: UploadBody, onExists: PutOptions['onExists']): number | undefined {
  // Bytes that are no file are as new as can be.
  if (onExists === 'newer') return body.facts?.mtime ?? Date.now()
  const canResume = body.type === 'streamed' && body.readStart !== undefined
  return canResume ? body.facts?.mtime : undefined
}
