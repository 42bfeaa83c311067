import type { Result } from './contest.js'
import type { Figures } from './figures.js'
import { finished, median, ratio } from './statistics.js'

/** A goal, what was reached of it, and whether that is enough. */
export interface Verdict {
  readonly goal: string
  readonly reached: string
  readonly met: 'yes' | 'no' | 'not measured'
}

const RSYNC = ['rsync md5', 'rsync xxh128']
const FTP = ['curl', 'lftp']

/** What jftp is to reach, each line by the figures of one run. */
export function judge(figures: Figures): Verdict[] {
  const { results } = figures
  return [
    atLeast(results, { contest: 'big-get', ours: 'jftp blake3', factor: 1, theirs: ['rsync xxh128'] }),
    atLeast(results, { contest: 'big-get', ours: 'jftp blake3', factor: 1.2, theirs: FTP }),
    atLeast(results, { contest: 'big-put', ours: 'jftp blake3', factor: 1, theirs: ['rsync xxh128'] }),
    atLeast(results, { contest: 'big-put', ours: 'jftp blake3', factor: 0.9, theirs: FTP }),
    ...['blake3', 'none'].map((digest) =>
      atLeast(results, {
        contest: 'big-put',
        ours: `jftp tls ${digest}`,
        factor: 0.65,
        theirs: [`jftp ${digest}`],
      }),
    ),
    ...['big-get', 'big-put'].map((contest) => hashing(figures, contest)),
    atLeast(results, { contest: 'big-get', ours: 'jftp md5 kept', factor: 1.5, theirs: ['rsync md5'] }),
    ...['many-get', 'many-put'].map((contest) =>
      atLeast(results, { contest, ours: 'jftp md5', factor: 1, theirs: RSYNC }),
    ),
    ...['wan-many-get', 'wan-many-put'].map((contest) =>
      atLeast(results, { contest, ours: 'jftp md5', factor: 1.3, theirs: RSYNC }),
    ),
    ...['wan-one-get', 'wan-one-put'].map((contest) => within(results, contest, 350)),
    atLeast(results, { contest: 'wan-lossy', ours: 'jftp md5', factor: 1, theirs: ['lftp'] }),
    besideNode(results, { contest: 'one-put', ours: 'jftp md5', most: 1.6 }),
    besideNode(results, { contest: 'start', ours: 'ftp --version', most: 1.5 }),
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

function atLeast(results: readonly Result[], { contest, ours, factor, theirs }: Goal): Verdict {
  const result = find(results, contest)
  const goal = `${spoken(contest)}: ${ours} at least ${factor.toFixed(2).replace(/0$/, '')} × ${theirs.join(' and ')}`
  const mine = finished(result, ours)
  const ratios = theirs.flatMap((name) => {
    const other = finished(result, name)
    return mine === undefined || other === undefined || result === undefined
      ? []
      : ratio(mine, other, result.unit)
  })
  if (ratios.length === 0) return notMeasured(goal)
  const least = Math.min(...ratios)
  return { goal, reached: `${least.toFixed(2)} ×`, met: yes(least >= factor) }
}

/**
 * Two ends that both digest on two cores need at least the time that the unverified transfer takes, with both cores
 * busy, and the time in which each core digests the file once.
 */
function hashing({ results, digests }: Figures, contest: string): Verdict {
  const goal = `${spoken(contest)}: jftp md5 at least 0.95 of what two cores can move and digest`
  const result = find(results, contest)
  const [md5, none] = [finished(result, 'jftp md5'), finished(result, 'jftp none')]
  const speed = digests['md5']
  if (md5 === undefined || none === undefined || speed === undefined) return notMeasured(goal)
  const possible = 1 / (1 / median(none.values) + 1 / (speed / 1e6))
  const share = median(md5.values) / possible
  return { goal, reached: `${share.toFixed(2)} of ${Math.round(possible)} MB/s`, met: yes(share >= 0.95) }
}

function within(results: readonly Result[], contest: string, most: number): Verdict {
  const goal = `${spoken(contest)}: jftp within ${most} ms`
  const entry = finished(find(results, contest), 'jftp md5')
  if (entry === undefined) return notMeasured(goal)
  const ms = median(entry.values)
  return { goal, reached: `${Math.round(ms)} ms`, met: yes(ms <= most) }
}

function besideNode(
  results: readonly Result[],
  { contest, ours, most }: { contest: string; ours: string; most: number },
): Verdict {
  const goal = `${spoken(contest)}: ${ours} at most ${most} × node -e 0`
  const result = find(results, contest)
  const [mine, bare] = [finished(result, ours), finished(result, 'node -e 0')]
  if (mine === undefined || bare === undefined) return notMeasured(goal)
  const times = ratio(bare, mine, 'ms')
  return { goal, reached: `${times.toFixed(2)} ×`, met: yes(times <= most) }
}

function memory({ memory, idle }: Figures): Verdict[] {
  const goals: [string, number, number[]][] = [
    ['memory of ftpd: at most 200 MB', 200e6, memory.map(({ ftpd }) => ftpd)],
    ['memory of ftp: at most 150 MB', 150e6, memory.map(({ ftp }) => ftp)],
  ]
  const peaks = goals.map(([goal, limit, found]): Verdict => {
    if (found.length === 0) return notMeasured(goal)
    const most = Math.max(...found)
    return { goal, reached: `${Math.round(most / 1e6)} MB`, met: yes(most <= limit) }
  })
  const goal = 'ftpd: at most 30 KiB for an idle connection'
  if (idle === undefined) return [...peaks, notMeasured(goal)]
  const kibibytes = idle.bytesEach / 1024
  return [...peaks, { goal, reached: `${kibibytes.toFixed(1)} KiB`, met: yes(kibibytes <= 30) }]
}

function find(results: readonly Result[], contest: string): Result | undefined {
  return results.find(({ id }) => id === contest)
}

function spoken(contest: string): string {
  return contest.replaceAll('-', ' ')
}

function notMeasured(goal: string): Verdict {
  return { goal, reached: '–', met: 'not measured' }
}

function yes(met: boolean): 'yes' | 'no' {
  return met ? 'yes' : 'no'
}
