import { type Entry, FtpError } from '@jftp/client'

/** Permission bits, given what has them now. */
export type ModeChange = (entry: Pick<Entry, 'type' | 'mode'>) => number

const WHO: Readonly<Record<string, number>> = { u: 0o700, g: 0o070, o: 0o007, a: 0o777 }
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111 }

/** What nobody else gets if nobody is named: `+w` means `u+w`, as chmod does with the usual umask. */
const USUAL_UMASK = 0o022

const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxX]*|[ugo]))+)$/

/** Reads a mode as chmod takes it: `644`, `u+x`, `go-w`, `a=rX,u+w`, `g=u`. Throws `usage`. */
export function parseModeChange(text: string): ModeChange {
  if (/^[0-7]{1,4}$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    return () => mode
  }
  const clauses = text.split(',')
  if (!clauses.every((clause) => CLAUSE.test(clause))) {
    throw new FtpError('usage', `a mode is octal like 644, or like u+x, go-w, a=rX or g=u; not '${text}'`)
  }
  const changes = clauses.flatMap(parseClause)
  return (entry) => changes.reduce((mode, change) => change(mode, entry), entry.mode ?? 0)
}

type Step = (mode: number, entry: Pick<Entry, 'type' | 'mode'>) => number

function parseClause(clause: string): Step[] {
  const [, who = '', actions = ''] = CLAUSE.exec(clause) ?? []
  const mask = who === '' ? 0o777 & ~USUAL_UMASK : [...who].reduce((all, each) => all | (WHO[each] ?? 0), 0)
  return [...actions.matchAll(/([-+=])([^-+=]*)/g)].map(([, operator, letters = '']) => {
    const erased = who === '' ? 0o777 : mask
    return (mode, entry) => {
      const bits = bitsOf(letters, mode, entry.type) & mask
      if (operator === '+') return mode | bits
      return operator === '-' ? mode & ~bits : (mode & ~erased) | bits
    }
  })
}

/** The bits for everybody. `X` is `x` for folders and for what somebody may run; `u`, `g` and `o` copy. */
function bitsOf(letters: string, mode: number, type: Entry['type']): number {
  const copied = { u: mode >> 6, g: mode >> 3, o: mode }[letters]
  if (copied !== undefined) return (copied & 7) * 0o111
  return [...letters].reduce((all, letter) => {
    if (letter !== 'X') return all | (BITS[letter] ?? 0)
    return type === 'directory' || mode & 0o111 ? all | 0o111 : all
  }, 0)
}
