import { FtpError } from '@jftp/client'
import { type OneOffMessageOf, type OneOffRequest, printable } from '@jftp/protocol'
import { OneOffProcess } from '../one-off/one-off-process.js'
import { ownAddress } from '../one-off/own-address.js'
import { invite } from '../one-off/paste-line.js'
import { formatBytes, formatCount } from '../text/quantity.js'
import type { Context } from './context.js'
import type { OneOffOptions } from './one-off-flags.js'
import { OneOffShow } from './one-off-show.js'

/** What is served, without where and how long. Paths are absolute. */
export type OneOffSubject =
  /** `content`: whether folders are among the paths. */
  | { readonly type: 'share'; readonly paths: readonly string[]; readonly content: 'file' | 'folder' }
  | { readonly type: 'receive'; readonly folder: string }

/** Serves one transfer, and shows it. Resolves when it is complete. */
export async function runOneOff(
  context: Context,
  subject: OneOffSubject,
  options: OneOffOptions,
): Promise<void> {
  const { signal, output } = context
  output.endWait()
  signal.throwIfAborted()
  const address = ownAddress(options.host)
  const server = new OneOffProcess(requestFor(subject, address.listen, options))
  const onAbort = () => void server.stop()
  signal.addEventListener('abort', onAbort)
  const show = new OneOffShow(context, subject)
  try {
    for await (const message of server.messages()) {
      if (message.type === 'ready') {
        show.plan(message)
        await announce(context, subject, address, message, options)
      } else if (message.type === 'failed') {
        throw new FtpError(message.code, printable(message.reason))
      } else if (message.type === 'ended') {
        show.close()
        conclude(message.reason, subject, options, signal)
      } else {
        await show.note(message)
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    await server.stop()
    show.close()
  }
  show.totals()
}

function requestFor(
  subject: OneOffSubject,
  host: string,
  { port, timeLimitMs }: OneOffOptions,
): OneOffRequest {
  const where = { host, port, timeLimitMs }
  return subject.type === 'share'
    ? { type: 'share', paths: subject.paths, ...where }
    : { type: 'receive', folder: subject.folder, ...where }
}

/** The command is the answer, alone on stdout; all that explains it is not. */
async function announce(
  { output }: Context,
  subject: OneOffSubject,
  { shown, others, isAlone }: ReturnType<typeof ownAddress>,
  ready: OneOffMessageOf<'ready'>,
  { timeLimit, timeLimitMs, qr }: OneOffOptions,
): Promise<void> {
  const isShare = subject.type === 'share'
  const invitation = invite(subject.type, shown, ready, isShare ? subject.content : 'folder')
  const what = isShare
    ? `sharing ${formatCount(ready.files, 'file')}, ${formatBytes(ready.bytes)}`
    : `receiving into ${printable(subject.folder)}`
  output.note(`${what}, once; ends after ${timeLimit} if nobody has begun · Ctrl-C ends it now`)
  if (isAlone) output.note('only this machine can reach it, because it has no other address than 127.0.0.1')
  if (others.length > 0) output.note(`other addresses of this machine work too: ${others.join(', ')}`)
  output.note(`on the other machine run${isShare ? '' : ', with the names of its files for FILE'}:`)
  output.note('')
  await output.answer(invitation.command)
  output.note('')
  const until = Date.now() + timeLimitMs
  await output.event({ v: 1, event: 'offer', type: subject.type, ...invitation, until })
  if (qr === 'shown') await showQr(output, invitation.command)
}

/** White on black, because the library draws what is light. It is loaded only here. */
async function showQr(output: Context['output'], command: string): Promise<void> {
  const { renderUnicodeCompact } = await import('uqr')
  const lines = renderUnicodeCompact(command, { ecc: 'L', border: 2 }).split('\n')
  const width = lines[0]?.length ?? 0
  const { columns } = output.stderr
  if (columns !== undefined && columns < width) {
    return output.note(`the QR code needs ${width} columns, and the terminal has ${columns}`)
  }
  for (const line of lines) output.note(output.style('stderr', ['whiteBright', 'bgBlack'], line))
}

/** Throws unless it is complete. */
function conclude(
  reason: OneOffMessageOf<'ended'>['reason'],
  { type }: OneOffSubject,
  { timeLimit }: OneOffOptions,
  signal: AbortSignal,
): void {
  if (reason === 'complete') return
  const what = type === 'share' ? 'everything was fetched' : 'everything was stored'
  if (reason === 'stopped') {
    const who = signal.aborted ? 'cancelled' : 'ftpd was stopped'
    throw new FtpError('cancelled', `${who} before ${what}`)
  }
  throw new FtpError(
    'timeout',
    `the time limit of ${timeLimit} was over before ${what}; start it again, with a longer --time-limit if need be`,
  )
}
