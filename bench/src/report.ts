import type { Entry, Result } from './contest.js'
import type { Figures } from './figures.js'
import { isFinished, median, ratio } from './statistics.js'
import { type Table, table } from './table.js'
import { judge } from './targets.js'

/** The figures as Markdown, which a terminal shows as well. */
export function report(figures: Figures): string {
  const { machine, load, digests, versions, results, memory, skipped, failed, date } = figures
  return [
    `${date} · ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB · ${machine.kernel} · Node ${machine.node} · ${machine.fileSystem} · load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`,
    `Versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    `One core digests ${Object.entries(digests)
      .map(([alg, speed]) => `${perSecond(speed)} with ${alg}`)
      .join(', ')}.`,
    ...skipped.map(({ what, why }) => `Skipped: ${what}: ${why}`),
    ...failed.map(({ what, why }) => `FAILED: ${what}: ${why}`),
    ...results.map(
      (result) => `### ${capital(result.title)}\n\n${table(contestTable(result))}${failures(result)}`,
    ),
    ...(memory.length === 0 ? [] : [`### Memory, at most\n\n${table(memoryTable(figures))}`]),
    ...idleParts(figures),
    `### Goals\n\n${table(goalTable(figures))}`,
  ].join('\n\n')
}

function contestTable({ entries, unit }: Result): Table {
  const ours = entries.filter((entry) => entry.maker === 'jftp' && isFinished(entry))
  return {
    head: ['', `median ${unit}`, 'from', 'to', ...ours.map(({ name }) => `${name} is`)],
    rows: entries.map((entry) => [
      entry.name,
      ...(isFinished(entry) ? spread(entry) : ['failed', '', '']),
      ...ours.map((mine) =>
        entry.maker === 'jftp' || !isFinished(entry) ? '' : `${ratio(mine, entry, unit).toFixed(2)} ×`,
      ),
    ]),
  }
}

/** Why entries of a contest did not finish, below its table. */
function failures({ entries }: Result): string {
  return entries
    .filter(({ failure }) => failure !== undefined)
    .map(({ name, failure }) => `\n\nFAILED: ${name}: ${failure}`)
    .join('')
}

function spread({ values }: Entry): string[] {
  return [median(values), Math.min(...values), Math.max(...values)].map(rounded)
}

function memoryTable({ memory }: Figures): Table {
  return {
    head: ['', 'ftp', 'ftpd', 'under 200 MB', 'md5sum'],
    rows: memory.map(({ work, ftp, ftpd, md5 }) => [
      work,
      megabytes(ftp),
      megabytes(ftpd),
      Math.max(ftp, ftpd) < 200e6 ? 'pass' : 'FAIL',
      md5 ?? '',
    ]),
  }
}

function goalTable(figures: Figures): Table {
  return {
    head: ['goal', 'reached', 'met'],
    rows: judge(figures).map(({ goal, reached, met }) => [goal, reached, met]),
  }
}

function idleParts({ idle, idleTls }: Figures): string[] {
  const lines = [['without TLS', idle] as const, ['through TLS', idleTls] as const].flatMap(
    ([how, result]) => {
      if (result === undefined) return []
      const { connections, bytesEach, total, putRatio } = result
      const memory = `${(bytesEach / 1024).toFixed(1)} KiB of ftpd's memory each, ${megabytes(total)} in all`
      return `${connections.toLocaleString('en')} held ${how}: ${memory}; a put beside them has ${putRatio.toFixed(2)} × the speed of one without them.`
    },
  )
  return lines.length === 0 ? [] : [`### Idle connections\n\n${lines.join('\n\n')}`]
}

function rounded(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}

function perSecond(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB/s`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
