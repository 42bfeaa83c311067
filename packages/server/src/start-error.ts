import { openFileLimit } from './session-table/descriptor-limit.js'

/** What to do if ftpd can't start because it may not open enough files; undefined if the cause is another. */
export function explainTooFewFiles(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined
    if (code === 'EMFILE')
      return `too many open files: the limit (ulimit -n) is ${openFileLimit()}; raise it, or take fewer --workers`
    if (code === 'ENFILE')
      return 'too many open files on this machine; end other programs, or raise fs.file-max'
  }
  return undefined
}
