/**
 * Whether two files of the same size count as copies of each other by their mtimes, in milliseconds since 1970. A copy
 * gets the mtime of its original, whole milliseconds. Some file systems keep whole seconds only, so if one of the two
 * is a whole second, both are compared as whole seconds.
 */
export function isSameTime(a: number, b: number): boolean {
  if (a === b) return true
  const isCoarse = a % 1000 === 0 || b % 1000 === 0
  return isCoarse && Math.floor(a / 1000) === Math.floor(b / 1000)
}
