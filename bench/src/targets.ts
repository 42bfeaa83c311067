import type { Figures } from './figures.js'
import { finished, ratio } from './statistics.js'

/** A goal, what was reached of it, and whether that is enough. */
export interface Verdict {
  readonly goal: string
  readonly reached: string
  readonly met: 'yes' | 'no' | 'not measured'
}

/** What jftp is to be, by docs/PERFORMANCE.md. */
export function judge(figures: Figures): Verdict[] {
  return [
    ...(['get', 'put'] as const).flatMap((direction) => [
      atLeast(figures, { contest: `big-${direction}`, ours: 'jftp md5', factor: 1.3, theirs: ['rsync md5'] }),
      atLeast(figures, {
        contest: `big-${direction}`,
        ours: 'jftp blake3',
        factor: 1,
        theirs: ['rsync xxh128'],
      }),
    ]),
    atLeast(figures, { contest: 'big-get', ours: 'jftp none', factor: 1.2, theirs: ['curl', 'lftp'] }),
    atLeast(figures, { contest: 'big-put', ours: 'jftp none', factor: 0.9, theirs: ['curl'] }),
    ...['many-get', 'many-put'].map((contest) =>
      atLeast(figures, { contest, ours: 'jftp md5', factor: 1, theirs: ['rsync md5', 'rsync xxh128'] }),
    ),
    startUp(figures),
    ...memory(figures),
  ]
}

interface Goal {
  readonly contest: string
  readonly ours: string
  readonly factor: number
  /** The fastest of them counts. */
  readonly theirs: readonly string[]
}

function atLeast({ results }: Figures, { contest, ours, factor, theirs }: Goal): Verdict {
  const result = results.find(({ id }) => id === contest)
  const goal = `${contest.replace('-', ' ')}: ${ours} at least ${factor.toFixed(1)} × ${theirs.join(' and ')}`
  const mine = finished(result, ours)
  const ratios = theirs.flatMap((name) => {
    const other = finished(result, name)
    return mine === undefined || other === undefined || result === undefined
      ? []
      : ratio(mine, other, result.unit)
  })
  if (ratios.length === 0) return { goal, reached: '–', met: 'not measured' }
  const least = Math.min(...ratios)
  return { goal, reached: `${least.toFixed(2)} ×`, met: yes(least >= factor) }
}

function startUp({ results }: Figures): Verdict {
  const goal = 'ftp --version: at most 1.5 × node -e 0'
  const result = results.find(({ id }) => id === 'start')
  const [ours, bare] = [finished(result, 'ftp --version'), finished(result, 'node -e 0')]
  if (ours === undefined || bare === undefined) return { goal, reached: '–', met: 'not measured' }
  const times = ratio(bare, ours, 'ms')
  return { goal, reached: `${times.toFixed(2)} ×`, met: yes(times <= 1.5) }
}

function memory({ memory, idle }: Figures): Verdict[] {
  const goals: [string, number, number[]][] = [
    ['memory of ftpd: under 200 MB', 200e6, memory.map(({ ftpd }) => ftpd)],
    ['memory of ftp: under 150 MB', 150e6, memory.map(({ ftp }) => ftp)],
  ]
  const peaks = goals.map(([goal, limit, found]): Verdict => {
    if (found.length === 0) return { goal, reached: '–', met: 'not measured' }
    const most = Math.max(...found)
    return { goal, reached: `${Math.round(most / 1e6)} MB`, met: yes(most < limit) }
  })
  const goal = 'ftpd: at most 40 KiB for an idle connection'
  if (idle === undefined) return [...peaks, { goal, reached: '–', met: 'not measured' }]
  const kibibytes = idle.bytesEach / 1024
  return [...peaks, { goal, reached: `${kibibytes.toFixed(1)} KiB`, met: yes(kibibytes <= 40) }]
}

function yes(met: boolean): 'yes' | 'no' {
  return met ? 'yes' : 'no'
}
