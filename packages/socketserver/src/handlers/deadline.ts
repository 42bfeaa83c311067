import { SocketServerError } from '../socket-server-error.js'

/** Settles as the promise does, or rejects with `TIMED_OUT` after `ms` milliseconds. `null` sets no limit. */
export async function withinDeadline<T>(promise: Promise<T>, ms: number | null, what: string): Promise<T> {
  if (ms === null) return await promise
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SocketServerError('TIMED_OUT', `timed out after ${ms} ms while ${what}`))
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
