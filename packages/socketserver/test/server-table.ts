import { createRequire } from 'node:module'
import * as socketserver from '@jftp/socketserver'

/** The README's table. */
export const columns = ['', 'Async', 'Threading', 'Forking'] as const
export type Column = (typeof columns)[number]
export const concurrentColumns = ['Async', 'Threading', 'Forking'] as const
export type Transport = 'TCP' | 'UDP' | 'UnixStream' | 'UnixDatagram'

export function serverClass(column: Column, transport: Transport) {
  return socketserver[`${column}${transport}Server`]
}

export const tcpServerClass = (column: Column) => serverClass(column, 'TCP') as typeof socketserver.TCPServer

/** False where the optional package can't be had: the tests that need it then show as skipped. */
export const hasUnixDatagrams = isInstalled('unix-dgram')
/** The same for what a Unix datagram server needs to take over a descriptor. */
export const hasKoffi = isInstalled('koffi')

function isInstalled(name: string): boolean {
  try {
    createRequire(new URL('../src/index.ts', import.meta.url))(name)
    return true
  } catch {
    return false
  }
}

export function fixture(name: string): URL {
  return new URL(`./fixtures/${name}`, import.meta.url)
}

/** Options for that many workers, in the columns that have any: `ThreadingTCPServer` and `Threading` alike. */
export function workers(column: string, count = 1) {
  if (column.startsWith('Threading')) return { maxThreads: count }
  return column.startsWith('Forking') ? { maxChildren: count } : {}
}
