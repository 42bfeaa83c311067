import { printableJson } from '@jftp/protocol'
import { describeError } from './log-error.js'
import { LogOutput } from './log-output.js'

export const LOG_FORMATS = ['pretty', 'json'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The numbers of the levels in a line, as pino and bunyan have them. */
const NUMBERS: Readonly<Record<LogLevel, number>> = {
  ...{ trace: 10, debug: 20, info: 30, warn: 40, error: 50 },
  silent: Number.POSITIVE_INFINITY,
}

/** What a line tells machines. A field `err` is an error. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly type: string }

/** Takes one line without its line break. */
type WriteLine = (line: string) => void

/**
 * Where ftpd says what it does: on stdout, one line each. With many small files there is a line for each of them, so a
 * line is made by one `JSON.stringify`: a library for logs took three times as long.
 */
export class Log {
  /** What is less important than this is not written. */
  level: LogLevel
  readonly #write: WriteLine
  #now = 0
  #time = ''

  constructor(level: LogLevel, write: WriteLine) {
    this.level = level
    this.#write = write
  }

  isLevelEnabled(level: LogLevel): boolean {
    return NUMBERS[level] >= NUMBERS[this.level]
  }

  debug(fields: LogFields, message: string): void {
    this.#log('debug', fields, message)
  }

  info(fields: LogFields, message: string): void {
    this.#log('info', fields, message)
  }

  warn(fields: LogFields, message: string): void {
    this.#log('warn', fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.#log('error', fields, message)
  }

  #log(level: LogLevel, fields: LogFields, message: string): void {
    if (!this.isLevelEnabled(level)) return
    const told = fields['err'] === undefined ? fields : { ...fields, err: describeError(fields['err']) }
    const head = `{"level":${NUMBERS[level]},"time":"${this.#isoTime()}",`
    this.#write(`${head}${JSON.stringify(told).slice(1, -1)},"msg":${JSON.stringify(message)}}`)
  }

  #isoTime(): string {
    const now = Date.now()
    if (now !== this.#now) this.#time = new Date(now).toISOString()
    this.#now = now
    return this.#time
  }
}

export async function createLog(format: LogFormat, level: LogLevel): Promise<Log> {
  const output = new LogOutput()
  // What JSON leaves as it is may still steer a terminal; escaped, it means the same to a parser.
  if (format === 'json') return new Log(level, (line) => output.add(`${printableJson(line)}\n`))
  const { default: pretty } = await import('pino-pretty')
  // The message says it all; the fields are for machines.
  const stream = pretty({
    colorize: process.stdout.isTTY,
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss',
    destination: output,
  })
  return new Log(level, (line) => void stream.write(`${line}\n`))
}
