/** Tools that do the same work, measured in turns. */
export interface Contest {
  readonly id: string
  readonly title: string
  readonly unit: Unit
  /** What one go moves, in the unit's own: megabytes, files; of no use to `ms`. */
  readonly amount: number
  readonly contenders: readonly Contender[]
}

export type Unit = 'MB/s' | 'files/s' | 'ms'

export interface Contender {
  readonly name: string
  readonly maker: 'jftp' | 'other'
  readonly rounds: number
  /** Before each go, outside of the time taken. */
  prepare(): Promise<void> | void
  /** Resolves to the milliseconds taken. */
  go(): Promise<number>
  /** After each go; throws unless the work was done. */
  check(): Promise<void> | void
}

export interface Result {
  readonly id: string
  readonly title: string
  readonly unit: Unit
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly name: string
  readonly maker: 'jftp' | 'other'
  /** In the contest's unit, in the order taken. */
  readonly values: readonly number[]
  /** Why it did not finish. */
  readonly failure?: string
}

/**
 * Every contender once, then every one again, so that a busy minute of the machine hits all of them. Every other
 * round is in reverse order, because a contender may profit or suffer from what the one before it has left.
 */
export async function hold(contest: Contest, note: (text: string) => void): Promise<Result> {
  const runs = contest.contenders.map((contender) => ({ contender, values: [] as number[], failure: '' }))
  const rounds = Math.max(...contest.contenders.map((contender) => contender.rounds))
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? runs : runs.toReversed()
    for (const run of order.filter(({ contender, failure }) => round < contender.rounds && failure === '')) {
      note(`${contest.title}: round ${round + 1} of ${rounds}, ${run.contender.name}`)
      try {
        await run.contender.prepare()
        const ms = await run.contender.go()
        await run.contender.check()
        run.values.push(contest.unit === 'ms' ? ms : (contest.amount / ms) * 1000)
      } catch (error) {
        run.failure = error instanceof Error ? error.message : String(error)
      }
    }
  }
  const entries = runs.map(({ contender: { name, maker }, values, failure }) => {
    return { name, maker, values, ...(failure === '' ? {} : { failure }) }
  })
  return { id: contest.id, title: contest.title, unit: contest.unit, entries }
}
