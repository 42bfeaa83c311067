/** One step of a pattern: any number of characters, or a test of one. */
type Step =
  | { readonly type: 'any' }
  | { readonly type: 'one'; readonly matches: (character: string) => boolean }

/**
 * Whether a name matches a pattern: `*` is any number of characters, `?` is one, `[a-z]` is one of these, `[!a-z]` one
 * of all others, and a backslash makes the next character literal, also between brackets. The pattern has to match the
 * whole name.
 *
 * A peer may write the pattern, so it is not turned into a regular expression, which could take for ever: the time
 * is at most the length of the pattern times that of the name.
 */
export function createNameGlob(pattern: string): (name: string) => boolean {
  const steps = parse([...pattern])
  return (name) => matchSteps(steps, [...name])
}

function matchSteps(steps: readonly Step[], characters: readonly string[]): boolean {
  let at = 0
  let step = 0
  /** Where the last `*` is, and how far the name was when it came. */
  let star = -1
  let starAt = 0
  while (at < characters.length) {
    const current = steps[step]
    if (current?.type === 'any') {
      star = step++
      starAt = at
    } else if (current?.matches(characters[at] as string)) {
      step++
      at++
    } else if (star >= 0) {
      // The last `*` takes one character more, and what follows it is tried again.
      step = star + 1
      at = ++starAt
    } else {
      return false
    }
  }
  return steps.slice(step).every(({ type }) => type === 'any')
}

function parse(pattern: readonly string[]): Step[] {
  const steps: Step[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string
    if (character === '*') steps.push({ type: 'any' })
    else if (character === '?') steps.push({ type: 'one', matches: () => true })
    else if (character === '[') {
      const end = endOfSet(pattern, at)
      if (end === undefined) steps.push(literal('['))
      else {
        steps.push({ type: 'one', matches: setOf(pattern.slice(at + 1, end)) })
        at = end
      }
    } else if (character === '\\' && at + 1 < pattern.length) steps.push(literal(pattern[++at] as string))
    else steps.push(literal(character))
  }
  return steps
}

function literal(wanted: string): Step {
  return { type: 'one', matches: (character) => character === wanted }
}

/** The index of the `]` that ends a set. Right behind `[` or `[!` it is one of the characters instead. */
function endOfSet(pattern: readonly string[], start: number): number | undefined {
  const first = isNegation(pattern[start + 1]) ? start + 2 : start + 1
  for (let at = first; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === ']' && at > first) return at
  }
  return undefined
}

function setOf(content: readonly string[]): (character: string) => boolean {
  const isNegated = isNegation(content[0])
  const characters = membersOf(isNegated ? content.slice(1) : content)
  const ranges: [string, string][] = []
  for (let at = 0; at < characters.length; at++) {
    const { character: from } = characters[at] as Member
    const dash = characters[at + 1]
    const isRange = dash?.character === '-' && !dash.isEscaped
    const to = isRange ? characters[at + 2]?.character : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) at += 2
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== isNegated
}

interface Member {
  readonly character: string
  readonly isEscaped: boolean
}

/** The characters of a set, without the backslashes that make others literal. */
function membersOf(content: readonly string[]): Member[] {
  const members: Member[] = []
  for (let at = 0; at < content.length; at++) {
    const isEscaped = content[at] === '\\' && at + 1 < content.length
    members.push({ character: content[isEscaped ? ++at : at] as string, isEscaped })
  }
  return members
}

function isNegation(character: string | undefined): boolean {
  return character === '!' || character === '^'
}
