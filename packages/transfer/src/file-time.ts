import { futimesSync } from 'node:fs'

/** The largest distance from 1970 that a Date can hold, in milliseconds. */
export const MAX_TIME = 8.64e15

/** The nearest time, in milliseconds since 1970, that a Date can hold. */
export function clampTime(milliseconds: number): number {
  return Math.max(-MAX_TIME, Math.min(milliseconds, MAX_TIME))
}

/** Sets mtime and atime of an open file to a time in milliseconds since 1970. */
export function setFileTime(fd: number, milliseconds: number): void {
  const time = toSystemTime(milliseconds)
  futimesSync(fd, time, time)
}

/** A time in milliseconds since 1970 as `utimes` takes it. */
export function toSystemTime(milliseconds: number): string {
  // Half a microsecond more, because the system rounds down and would lose the whole millisecond. The time is
  // given as text, because Node takes a negative number to mean the present.
  return String((clampTime(milliseconds) + 0.0005) / 1000)
}
