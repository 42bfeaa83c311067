import { printableJson } from '@jftp/protocol'
import type { Logger } from 'pino'
import { LogOutput } from './log-output.js'

export const LOG_FORMATS = ['pretty', 'json'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Where ftpd says what it does: on stdout, one line each. */
export type Log = Logger

export async function createLog(format: LogFormat, level: LogLevel): Promise<Log> {
  const { pino } = await import('pino')
  const output = new LogOutput()
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  if (format === 'json') {
    // What JSON leaves as it is may still steer a terminal; escaped, it means the same to a parser.
    return pino(options, { write: (line) => output.add(`${printableJson(line.trimEnd())}\n`) })
  }
  const { default: pretty } = await import('pino-pretty')
  // The message says it all; the fields are for machines.
  const stream = pretty({
    colorize: process.stdout.isTTY,
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss',
    destination: output,
  })
  return pino(options, stream)
}
