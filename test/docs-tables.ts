import { FTP_ERROR_CODES } from '@jftp/client'
import {
  ERROR_CODES,
  isErrorCode,
  MAX_DATA_SIZE,
  MAX_JSON_DEPTH,
  MAX_JSON_SIZE,
  MAX_JSON_SIZE_BEFORE_LOGIN,
  MAX_UNANSWERED_REQUESTS,
  MAX_WAITING_BYTES,
  MAX_WAITING_REQUESTS,
  normalizeRemotePath,
  ProtocolError,
} from '@jftp/protocol'
import {
  type Breach,
  breaches,
  conversation,
  frameExamples,
  invalidFrames,
  renderConversation,
  renderDump,
  renderFrame,
} from './conformance-data.js'

/** What the documents show of the code and of the conformance data, as it must stand there. */

interface CodeRow {
  readonly exitCode: number
  readonly retryable: boolean
  readonly meaning: string
}

function errorTable(codes: Record<string, CodeRow>, columns: 'with exit codes' | 'without'): string {
  const exit = (text: number | string) => (columns === 'with exit codes' ? ` | ${text}` : '')
  return [
    `| code | retryable${exit('exit code')} | meaning |`,
    `|---|---${exit('---').replaceAll(' ', '')}|---|`,
    ...Object.entries(codes).map(
      ([code, { exitCode, retryable, meaning }]) =>
        `| \`${code}\` | ${retryable ? 'yes' : 'no'}${exit(exitCode)} | ${meaning} |`,
    ),
  ].join('\n')
}

function localCodes(): Record<string, CodeRow> {
  return Object.fromEntries(Object.entries(FTP_ERROR_CODES).filter(([code]) => !isErrorCode(code)))
}

const number = (value: number): string => value.toLocaleString('en')

function limitTable(): string {
  return [
    '| what | limit |',
    '|---|---|',
    `| JSON payload | 2 to ${number(MAX_JSON_SIZE)} bytes; before the login to ${number(MAX_JSON_SIZE_BEFORE_LOGIN)} |`,
    `| JSON nesting, the payload's object counted | ${MAX_JSON_DEPTH} |`,
    `| DATA payload | 1 to ${number(MAX_DATA_SIZE)} bytes |`,
    '| payload of CANCEL, PING, PONG | 0 bytes |',
    `| requests a client leaves unanswered | ${MAX_UNANSWERED_REQUESTS} |`,
    `| requests waiting at a server | ${number(MAX_WAITING_REQUESTS)} |`,
    `| bytes of requests and bodies waiting at a server | ${number(MAX_WAITING_BYTES)} |`,
  ].join('\n')
}

const paths = [
  'a',
  './a/',
  '../x',
  '/a//b/./c',
  '/a/../b',
  '../..',
  '../../..',
  '/..',
  '..\\x',
  'a\\b',
  '...',
  '',
]

function pathTable(): string {
  const rows = paths.map((path) => `| \`"${path}"\` | ${pathResult(path)} |`)
  return ['| sent, from `/home/ci` | is |', '|---|---|', ...rows].join('\n')
}

function pathResult(path: string): string {
  try {
    return `\`${normalizeRemotePath(path, '/home/ci')}\``
  } catch (error) {
    return error instanceof ProtocolError ? `error \`${error.code}\`` : String(error)
  }
}

function invalidHeaders(): string {
  const lines = invalidFrames.header.map(({ name, hex }) => `${hex.replace(/..(?!$)/g, '$& ')}  ${name}`)
  return fenced(lines.join('\n'))
}

function breachLines(): string {
  return fenced(breaches.map(breachText).join('\n'))
}

function breachText({ name, after, client }: Breach): string {
  const frames = client.map((example) => `${after === undefined ? '-' : '+'}  ${renderFrame(example)}`)
  return [`# ${name}`, ...frames].join('\n')
}

const fenced = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

const blocks: Record<string, () => string> = {
  limits: limitTable,
  paths: pathTable,
  errors: () => errorTable(ERROR_CODES, 'without'),
  invalid: invalidHeaders,
  breaches: breachLines,
  'wire errors': () => errorTable(ERROR_CODES, 'with exit codes'),
  'local errors': () => errorTable(localCodes(), 'with exit codes'),
}

/** What stands behind `<!-- marker -->` in a document. */
export function documentBlock(marker: string): string {
  const [kind, name = ''] = marker.split(': ')
  if (kind === 'conversation') return fenced(renderConversation(conversation(name)))
  if (kind === 'dump') {
    const example = frameExamples.find((example) => example.name === name)
    if (example !== undefined) return fenced(renderDump(example))
  }
  const block = blocks[marker]
  if (block === undefined) throw new Error(`nothing is known of ${marker}`)
  return block()
}
