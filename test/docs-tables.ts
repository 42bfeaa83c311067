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
} from '@jftp/protocol'

/** The tables in the documents that must say the same as the code. */

interface CodeRow {
  readonly retryable: boolean
  readonly meaning: string
}

function errorTable(codes: Record<string, CodeRow>): string {
  return [
    '| code | retryable | meaning |',
    '|---|---|---|',
    ...Object.entries(codes).map(
      ([code, { retryable, meaning }]) => `| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${meaning} |`,
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
    `| JSON payload | 2 to ${number(MAX_JSON_SIZE)} bytes; before the login, 2 to ${number(MAX_JSON_SIZE_BEFORE_LOGIN)} |`,
    `| depth of nested arrays and objects in JSON, including the payload's own object | ${MAX_JSON_DEPTH} |`,
    `| DATA payload | 1 to ${number(MAX_DATA_SIZE)} bytes |`,
    '| payload of CANCEL, PING, PONG | 0 bytes |',
    `| requests a client leaves unanswered | ${MAX_UNANSWERED_REQUESTS} |`,
    `| requests that wait at a server | ${number(MAX_WAITING_REQUESTS)} |`,
    `| bytes of requests and bodies that wait at a server | ${number(MAX_WAITING_BYTES)} |`,
  ].join('\n')
}

const tables: Record<string, () => string> = {
  limits: limitTable,
  errors: () => errorTable(ERROR_CODES),
  'local errors': () => errorTable(localCodes()),
}

/** The table that a document must have behind `<!-- marker -->`. */
export function documentTable(marker: string): string {
  const table = tables[marker]
  if (table === undefined) throw new Error(`no table is named ${marker}`)
  return table()
}
