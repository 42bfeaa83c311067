import { readlinkSync } from 'node:fs'
import { isAlive } from '@jftp/transfer'

/**
 * What a daemon marks its own files with: the id of its process, and the number of the namespace in which it has that id
 * (`1-4026532201`). So no two daemons that run on one machine have the same, in whatever containers they are.
 */
export const OWN_ID = `${process.pid}${namespaceSuffix()}`

export const DAEMON_ID = /\d+(?:-\d+)?/

/** Whether this process can see that daemon's process, so that it knows whether it runs. */
export function isInSight(id: string): boolean {
  const [, namespace] = id.split('-')
  return namespace === undefined || `-${namespace}` === namespaceSuffix()
}

/** Whether a daemon in sight runs. */
export function runsInSight(id: string): boolean {
  return id === OWN_ID || isAlive(Number(id.split('-')[0]))
}

function namespaceSuffix(): string {
  try {
    return `-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]}`
  } catch {
    // There are no namespaces here.
    return ''
  }
}
